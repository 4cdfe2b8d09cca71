"""Data of a run: arrays and iterables, their order, and what is said of data that do not fit."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from cases import slow

from catlearn import Fin, R, space_of, unit
from catlearn.learn.data import Given, Shuffled, examples, source_of, stack_batches
from catlearn.theory.errors import BatchMismatch, WrongValue

KEY = jax.random.key(0)
X, Y = np.arange(20.0).reshape(10, 2), np.arange(10) % 3


def order(size, batch, *, start, steps, key=KEY):
    return np.asarray(Shuffled((), key, size, batch).positions(start, steps))


# ------------------------------------------------------------------------------------------------ order


def test_every_epoch_visits_each_example_once_in_an_order_of_its_own():
    visited = order(10, 5, start=0, steps=6).reshape(3, 10)

    assert [sorted(epoch) for epoch in visited.tolist()] == [list(range(10))] * 3
    assert len({tuple(epoch) for epoch in visited.tolist()}) == 3


def test_the_order_of_an_epoch_is_the_permutation_of_its_key():
    expected = [jax.random.permutation(jax.random.fold_in(KEY, epoch), 10) for epoch in range(3)]

    np.testing.assert_array_equal(order(10, 5, start=0, steps=6).reshape(3, 10), expected)


def test_what_is_left_after_the_last_whole_batch_is_not_visited():
    visited = order(10, 4, start=0, steps=4).reshape(2, 8)

    for epoch, row in enumerate(visited):
        np.testing.assert_array_equal(row, jax.random.permutation(jax.random.fold_in(KEY, epoch), 10)[:8])


@pytest.mark.parametrize(
    ("batch", "steps"),
    [(4, 1), (10, 5), *slow((4, 3), (4, 5), (10, 1), (10, 3))],
)
def test_the_order_does_not_depend_on_how_the_steps_are_divided(batch, steps):
    whole = order(10, batch, start=0, steps=12)

    for start in range(0, 12 - steps + 1):
        np.testing.assert_array_equal(order(10, batch, start=start, steps=steps), whole[start : start + steps])


def test_without_a_key_the_examples_come_in_order():
    np.testing.assert_array_equal(order(10, 5, start=1, steps=2, key=None), [[5, 6, 7, 8, 9], [0, 1, 2, 3, 4]])


# ------------------------------------------------------------------------------------------------ arrays


def test_arrays_become_stacked_labels_and_inputs():
    (labels, xs), n = examples((X, Y), R(2), Fin(3))

    assert n == 10
    assert (labels.dtype, xs.dtype) == (jnp.int32, jnp.result_type(float))
    np.testing.assert_array_equal(xs, X)


def test_lists_of_numbers_are_arrays():
    (labels, xs), n = examples(([[1.0, 2.0], [3.0, 4.0]], [0, 2]), R(2), Fin(3))

    assert (n, labels.tolist(), xs.tolist()) == (2, [0, 2], [[1.0, 2.0], [3.0, 4.0]])


def test_several_wires_are_a_tuple_of_arrays():
    values, n = examples(((X, X[:, 0]), (Y, X)), R(2) @ R(), Fin(3) @ R(2))

    assert (n, [x.shape for x in values]) == (10, [(10,), (10, 2), (10, 2), (10,)])


def test_a_wire_may_hold_a_pytree():
    record = {"a": jnp.zeros(2), "b": jnp.zeros(())}
    stacked = {"a": jnp.zeros((10, 2)), "b": jnp.zeros(10)}

    assert examples((stacked, Y), space_of(record), Fin(3))[1] == 10


def test_there_may_be_no_label():
    values, n = examples((X, ()), R(2), unit)

    assert (len(values), n) == (1, 10)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ((X, Y[:9]), r"one common first axis.*\(9,\), \(10, 2\)"),
        ((X[:0], Y[:0]), "not empty"),
        ((X, 3), "one common first axis"),
        (([[1.0], [2.0, 3.0]], [0, 1]), "different lengths"),
        ((X, Y, Y), r"a pair \(inputs, labels\)"),
        (X, r"a pair \(inputs, labels\)"),
    ],
)
def test_data_of_unequal_lengths_are_refused(data, message):
    with pytest.raises(BatchMismatch, match=message):
        examples(data, R(2), Fin(3))


def test_a_missing_wire_is_refused():
    with pytest.raises(BatchMismatch, match=r"R\(2\) @ R\(\) has 2 wires, .* but got one ndarray"):
        examples((X, Y), R(2) @ R(), Fin(3))
    with pytest.raises(BatchMismatch, match="but got 1 of them"):
        examples(((X,), Y), R(2) @ R(), Fin(3))


def test_integers_are_refused_where_floats_are_expected():
    with pytest.raises(WrongValue, match=r"x\.astype\(float\)"):
        examples((X.astype(int), Y), R(2), Fin(3))


@pytest.mark.parametrize("label", [3, -1])
def test_labels_out_of_range_are_refused(label):
    with pytest.raises(WrongValue, match=r"an integer in 0\.\.2"):
        examples((X, np.where(Y == 1, label, Y)), R(2), Fin(3))


def test_rows_of_another_shape_are_refused():
    with pytest.raises(WrongValue, match=r"float\[10, 3\], but was given float.*\[10, 2\]"):
        examples((X, Y), R(3), Fin(3))


# ------------------------------------------------------------------------------------------------ sources


def source(data, batch=5):
    return source_of(data, R(2), Fin(3), batch=batch, key=KEY)


@pytest.mark.parametrize("batch", [11, 0, -1])
def test_a_batch_is_taken_from_the_data(batch):
    with pytest.raises(BatchMismatch, match=f"a batch of {batch} cannot be taken from 10 examples"):
        source((X, Y), batch)


def test_without_a_size_the_batch_is_all_of_the_data():
    assert source((X, Y), None).batch == 10


def test_two_arrays_in_a_list_are_a_pair_and_two_pairs_are_batches():
    assert isinstance(source([X, Y]), Shuffled)
    assert source([(X, Y), (X, Y)]).batch == 10


def test_a_list_of_batches_is_visited_again_and_again():
    batches = iter(source([(X[:5], Y[:5]), (X[5:], Y[5:])]))

    visited = [next(batches)[1].tolist() for _ in range(4)]

    assert visited == [X[:5].tolist(), X[5:].tolist()] * 2


def test_an_object_that_can_be_iterated_again_is_visited_again_and_again():
    class Loader:
        epochs = 0

        def __iter__(self):
            self.epochs += 1
            yield X + self.epochs, Y

    batches = iter(source(Loader()))

    assert [float(next(batches)[1][0, 0]) for _ in range(3)] == [1.0, 2.0, 3.0]


def test_a_generator_that_is_used_up_is_named():
    batches = iter(source((X, Y) for _ in range(2)))
    next(batches), next(batches)

    with pytest.raises(BatchMismatch, match="used up; give a list"):
        next(batches)


def test_an_empty_iterable_is_named():
    with pytest.raises(BatchMismatch, match="it is empty"):
        source([])


def test_a_batch_of_another_size_is_named():
    batches = iter(source([(X, Y), (X[:9], Y[:9])]))
    next(batches)

    with pytest.raises(BatchMismatch, match="batch 1 has 9 examples, but the first had 10"):
        next(batches)


def test_what_cannot_be_iterated_is_named():
    with pytest.raises(BatchMismatch, match="but got int"):
        source(3)


def test_stacked_batches_are_taken_one_at_a_step():
    values = [(jnp.asarray(X) + i, jnp.asarray(Y)) for i in range(3)]
    rows = Given(stack_batches(values))

    np.testing.assert_array_equal(rows.at(rows.positions(0, 3)[1])[0], X + 1)
