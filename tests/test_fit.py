"""fit, against a hand-written loop of optax steps over the same batches; and what it says of bad input."""

import traceback

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from cases import slow
from programs import last_file, lowers_everywhere

from catlearn import Lens, Para, R, Reverse, Smooth, learn, lens, named, para, smooth, space_of, unit
from catlearn.learn import (
    Report,
    accuracy,
    adam,
    cross_entropy,
    dense,
    dropout,
    evaluation,
    fit,
    gradient_update,
    momentum,
    quadratic,
    sgd,
    tanh,
)
from catlearn.learn.data import Shuffled
from catlearn.learn.fit import _chunk_length, ahead
from catlearn.learn.loop import _jitted, chunk_of_steps
from catlearn.theory.errors import (
    BatchMismatch,
    CatlearnError,
    LossNotFinite,
    MissingInitialiser,
    WrongCategory,
    WrongObject,
    WrongParameters,
    WrongRun,
    WrongValue,
)

KEY = jax.random.key(0)
MODEL = dense(4, 5) >> tanh(5) >> dense(5, 3)
DROPPING = dense(4, 6) >> tanh(6) >> dropout(0.5, 6) >> dense(6, 3)
LOSS = cross_entropy(3)
XS = jax.random.normal(KEY, (24, 4))
YS = jnp.argmax(XS[:, :3] + 0.1, axis=1)
DATA = (XS, YS)


def run(**settings):
    settings = {"steps": 12, "batch": 4, "key": KEY, **settings}
    return fit(MODEL, LOSS, adam(0.05), DATA, **settings)


def by_hand(batches, parameters, tx=None):
    """A Python loop of optax steps; the losses, and the parameters at the end."""
    tx = optax.adam(0.05) if tx is None else tx

    def error(p, xs, ys):
        w1, b1, w2, b2 = p
        logits = jnp.tanh(xs @ w1 + b1[None]) @ w2 + b2[None]
        return jnp.mean(optax.softmax_cross_entropy_with_integer_labels(logits, ys))

    step, state, losses = jax.jit(jax.value_and_grad(error)), tx.init(parameters), []
    with jax.numpy_dtype_promotion("standard"):
        for xs, ys in batches:
            loss, gradient = step(parameters, xs, ys)
            updates, state = tx.update(gradient, state, parameters)
            parameters = optax.apply_updates(parameters, updates)
            losses.append(loss)
    return parameters, losses


def batches_of(key, size, batch, steps):
    """The batches of a run: epoch e visits the permutation of the key of the order, folded with e."""
    order, per_epoch = jax.random.split(key, 3)[1], size // batch
    for step in range(steps):
        epoch, i = divmod(step, per_epoch)
        rows = jax.random.permutation(jax.random.fold_in(order, epoch), size)[i * batch : (i + 1) * batch]
        yield XS[rows], YS[rows]


def close(x, y):
    tol = 1e-11 if jnp.result_type(float) == jnp.float64 else 1e-4
    for a, b in zip(jax.tree.leaves(x), jax.tree.leaves(y), strict=True):
        np.testing.assert_allclose(a, b, rtol=tol, atol=tol)


def equal(x, y):
    for a, b in zip(jax.tree.leaves(x), jax.tree.leaves(y), strict=True):
        a, b = (jax.random.key_data(z) if jnp.issubdtype(z.dtype, jax.dtypes.prng_key) else z for z in (a, b))
        np.testing.assert_array_equal(a, b)


# ------------------------------------------------------------------------------------------------ the same by hand


@pytest.mark.float32
@pytest.mark.parametrize("batch", [4, *slow(1, 5, 24)])
def test_a_run_is_the_loop_of_optax_steps_over_the_same_batches(batch):
    ours = run(batch=batch)
    start = MODEL.init(key=jax.random.split(KEY, 3)[0])
    parameters, losses = by_hand(batches_of(KEY, 24, batch, 12), start)

    close(ours.parameters, parameters)
    close(list(ours.history.loss), losses)
    assert (ours.steps, len(ours.history.loss)) == (12, 12)


def test_a_run_without_shuffling_visits_the_examples_in_order():
    ours = run(shuffle=False, epochs=2, steps=None)
    batches = [(XS[i : i + 4], YS[i : i + 4]) for i in range(0, 24, 4)] * 2

    close(ours.parameters, by_hand(batches, MODEL.init(key=jax.random.split(KEY, 3)[0]))[0])


@pytest.mark.parametrize("again", [False, True])
def test_a_run_over_an_iterable_takes_its_batches(again):
    batches = [(XS[i : i + 4], YS[i : i + 4]) for i in range(0, 24, 4)]
    data = batches if again else iter(batches * 2)

    ours = fit(MODEL, LOSS, adam(0.05), data, steps=12, key=KEY)

    close(ours.parameters, by_hand(batches * 2, MODEL.init(key=jax.random.split(KEY, 3)[0]))[0])


def test_an_iterable_and_arrays_in_order_are_the_same_run():
    batches = [(XS[i : i + 4], YS[i : i + 4]) for i in range(0, 24, 4)]

    equal(fit(MODEL, LOSS, adam(0.05), batches, steps=12, key=KEY).parameters, run(shuffle=False).parameters)


def test_epochs_count_whole_batches():
    assert run(epochs=2, steps=None, batch=5).steps == 2 * (24 // 5)
    assert run(epochs=0, steps=None).steps == 0


def test_a_run_goes_on_from_given_parameters_and_state():
    first = run(steps=6, shuffle=False)
    second = run(steps=6, shuffle=False, parameters=first.parameters, state=first.state)

    equal(second.parameters, run(steps=12, shuffle=False).parameters)


# ------------------------------------------------------------------------------------------------ chunks and keys


@pytest.mark.parametrize("chunk", [7, *slow(1, 5, 12, 50)])
def test_a_run_does_not_depend_on_its_chunks(chunk):
    close(run(chunk=chunk).parameters, run(chunk=3).parameters)
    close(run(chunk=chunk).history.loss, run(chunk=3).history.loss)


def test_a_run_with_randomness_does_not_depend_on_its_chunks():
    runs = [fit(DROPPING, LOSS, sgd(0.1), DATA, steps=7, batch=4, chunk=n, key=KEY) for n in (7, 3)]

    close(runs[0].history.loss, runs[1].history.loss)
    close(*(run.parameters[:2] + run.parameters[3:] for run in runs))


def test_a_run_is_reproducible_from_its_key():
    equal(run().parameters, run().parameters)
    assert not np.array_equal(run().parameters[0], run(key=jax.random.key(1)).parameters[0])


def test_a_program_that_is_built_again_is_not_compiled_again():
    def again():
        model = dense(4, 5) >> tanh(5) >> dense(5, 3)
        return fit(
            model, cross_entropy(3), adam(0.05), DATA, steps=40, batch=4, key=KEY, validation=DATA, metric=accuracy
        )

    again()
    before = _jitted.cache_info()
    again(), again()

    assert _jitted.cache_info().misses == before.misses
    assert _jitted.cache_info().hits > before.hits


@pytest.mark.parametrize("parts", [5, 20])
@pytest.mark.parametrize("steps", [1, 2, 19, 20, 60, 315, 1009, 60_000])
def test_by_default_a_run_has_a_few_chunks_of_one_length(steps, parts):
    chunk = _chunk_length(steps, None, parts)

    assert 1 <= chunk <= steps
    assert steps // chunk <= 2 * parts
    assert steps % chunk == 0 or all(steps % n for n in range(parts // 2, 2 * parts + 1))


def test_the_next_chunk_is_started_before_the_last_is_looked_at():
    log = []

    def numbers():
        for i in range(3):
            log.append(f"start {i}")
            yield i

    for i in ahead(numbers(), 1):
        log.append(f"look {i}")

    assert log == ["start 0", "start 1", "look 0", "start 2", "look 1", "look 2"]


@pytest.mark.parametrize("n", [0, 1, 2, 9])
def test_what_came_before_a_mistake_is_looked_at_before_it_is_raised(n):
    def numbers():
        yield from range(3)
        raise KeyError("mine")

    items = ahead(numbers(), n)
    assert [next(items) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(KeyError, match="mine"):
        next(items)


# ------------------------------------------------------------------------------------------------ wires


@pytest.mark.slow
def test_inputs_and_labels_may_have_several_wires():
    model = named("left", dense(4, 3)) @ named("right", dense(2, 3)) >> Para(Smooth).lift(
        smooth(lambda x, y: (x + y, x * y), R(3) @ R(3))
    )
    both = quadratic(3) @ quadratic(3) >> Para(Smooth).lift(smooth(lambda a, b: a + b, R() @ R()))
    zs, targets = XS[:, :2], (jnp.ones((24, 3)), jnp.zeros((24, 3)))

    ours = fit(model, both, gradient_update(0.01), ((XS, zs), targets), steps=3, batch=None, shuffle=False, key=KEY)

    def error(p):
        w1, b1, w2, b2 = p
        x, y = XS @ w1 + b1[None], zs @ w2 + b2[None]
        return jnp.mean(0.5 * jnp.sum((x + y - 1.0) ** 2, 1) + 0.5 * jnp.sum((x * y) ** 2, 1))

    p = model.init(key=jax.random.split(KEY, 3)[0])
    for _ in range(3):
        p = jax.tree.map(lambda x, g: x - 0.01 * g, p, jax.grad(error)(p))
    close(ours.parameters, p)


def test_a_wire_may_carry_a_pytree():
    record = space_of({"x": jnp.zeros(4), "scale": jnp.zeros(())})
    read = smooth(lambda r: r["x"] * r["scale"], record, R(4))
    data = ({"x": XS, "scale": jnp.full(24, 2.0)}, YS)

    ours = fit(Para(Smooth).lift(read) >> MODEL, LOSS, adam(0.05), data, steps=12, batch=4, key=KEY)

    close(ours.parameters, fit(MODEL, LOSS, adam(0.05), (2.0 * XS, YS), steps=12, batch=4, key=KEY).parameters)


def test_a_loss_may_have_no_label():
    norm = para(unit, smooth(lambda y: 0.5 * jnp.sum(y**2), R(3)))

    ours = fit(dense(4, 3), norm, sgd(0.1), (XS, ()), steps=5, batch=None, shuffle=False, key=KEY)

    zero = (XS, jnp.zeros((24, 3)))
    close(
        ours.parameters,
        fit(dense(4, 3), quadratic(3), sgd(0.1), zero, steps=5, batch=None, shuffle=False, key=KEY).parameters,
    )


def test_a_loss_with_several_values_is_reported_as_their_sum():
    pair = quadratic(3) >> Para(Smooth).lift(smooth(lambda e: (e, 2.0 * e), R()))

    three = fit(dense(4, 3), pair, sgd(0.1), (XS, XS[:, :3]), steps=2, batch=4, key=KEY, validation=(XS, XS[:, :3]))
    one = fit(
        dense(4, 3), quadratic(3), sgd(0.3), (XS, XS[:, :3]), steps=2, batch=4, key=KEY, validation=(XS, XS[:, :3])
    )

    close(three.parameters, one.parameters)
    close(three.history.loss, 3 * one.history.loss)
    close(three.history.validation_loss, 3 * one.history.validation_loss)


def test_a_model_with_a_way_back_of_its_own_is_trained_by_it():
    through = lens(smooth(jnp.round, R(3)), smooth(lambda x, dy: dy, R(3) @ R(3)))
    model = Reverse(dense(4, 3)) >> Para(Lens(Smooth)).lift(through)
    targets = jnp.round(3.0 * XS[:, :3])

    ours = fit(model, quadratic(3), sgd(0.1), (XS, targets), steps=100, batch=8, key=KEY)

    assert ours.history.loss[-10:].mean() < 0.2 * ours.history.loss[:10].mean()
    np.testing.assert_array_equal(ours(XS[0]), jnp.round(ours(XS[0])))


# ------------------------------------------------------------------------------------------------ randomness


def test_each_step_and_each_example_draws_its_own_randomness():
    drawn = para(
        space_of(KEY),
        smooth(lambda key, x: jax.random.uniform(key, (), x.dtype) + 0.0 * x, space_of(KEY) @ R()),
        init=[lambda wire, key: wire.random(key)],
    )
    value = para(unit, smooth(lambda y: y, R()))
    ours = fit(drawn, value, sgd(0.1), (jnp.zeros(8), ()), steps=6, batch=1, chunk=4, key=KEY)
    mean = fit(drawn, value, sgd(0.1), (jnp.zeros(8), ()), steps=1, batch=8, key=KEY)

    assert len(set(ours.history.loss.tolist())) == 6
    keys = jax.random.split(_key_of_step(0), 8)
    close(mean.history.loss[0], jnp.mean(jax.vmap(lambda key: jax.random.uniform(key))(keys)))


def _key_of_step(step):
    """The key of the first wire of a model at a step, as the loop draws it."""
    wires = jax.random.split(KEY, 3)[2]
    return space_of(KEY).wires[0].random(jax.random.fold_in(jax.random.fold_in(wires, step), 0))


@pytest.mark.slow
def test_validation_and_prediction_do_not_drop():
    ours = fit(DROPPING, LOSS, sgd(0.1), DATA, steps=20, batch=8, key=KEY, validation=DATA, metric=accuracy)
    still = jax.vmap(lambda x: evaluation(DROPPING)(ours.parameters, x))(XS)

    close(ours.history.validation_loss[-1], jnp.mean(optax.softmax_cross_entropy_with_integer_labels(still, YS)))
    close(ours.history.validation_metric[-1], accuracy(still, YS))
    equal(ours(XS[0]), evaluation(DROPPING)(ours.parameters, XS[0]))


def test_the_model_that_is_evaluated_may_be_given():
    ours = fit(DROPPING, LOSS, sgd(0.1), DATA, steps=4, batch=8, key=KEY, validation=DATA, evaluated=DROPPING)
    dropped = DROPPING(ours.parameters, XS[0])

    equal(ours(XS[0]), dropped)
    with pytest.raises(WrongParameters, match="`evaluated` must have the parameters of the model"):
        fit(DROPPING, LOSS, sgd(0.1), DATA, steps=4, key=KEY, evaluated=MODEL)


# ------------------------------------------------------------------------------------------------ validation


def test_validation_is_the_mean_loss_and_the_metric_after_each_chunk():
    ours = run(chunk=4, validation=(XS[:7], YS[:7]), metric=accuracy)
    p = ours.parameters
    logits = jax.vmap(lambda x: MODEL(p, x))(XS[:7])

    assert ours.history.validated.tolist() == [4, 8, 12]
    close(ours.history.validation_loss[-1], jnp.mean(optax.softmax_cross_entropy_with_integer_labels(logits, YS[:7])))
    close(ours.history.validation_metric[-1], np.mean(np.argmax(logits, 1) == YS[:7]))


def test_without_validation_the_history_of_it_is_empty():
    history = run().history

    assert [len(x) for x in (history.validated, history.validation_loss, history.validation_metric)] == [0, 0, 0]


RISING = para(R(), smooth(lambda w, x: w + 0.0 * x, R() @ R()), init=[lambda wire, key: wire.zeros()])
AWAY = (jnp.zeros(4), jnp.full(4, 10.0))  # training pulls the one parameter from 0 to 10


def climb(**settings):
    """A run whose parameter goes up by one a step, with the validation loss (w - 3)² / 2."""
    up = learn.Optimiser(lambda p: (), lambda s, p: p, lambda s, p, dp: (s, tuple(x + 1.0 for x in p)))
    settings = {
        "steps": 20,
        "chunk": 1,
        "batch": 4,
        "validation": (jnp.zeros(2), jnp.full(2, 3.0)),
        "key": KEY,
        **settings,
    }
    return fit(RISING, quadratic(), up, AWAY, **settings)


def test_early_stopping_keeps_the_best_parameters():
    ours = climb(patience=4)

    assert (ours.steps, float(ours.parameters[0])) == (7, 3.0)
    assert ours.history.validated.tolist() == [1, 2, 3, 4, 5, 6, 7]


def test_without_patience_the_last_parameters_are_kept():
    assert float(climb().parameters[0]) == 20.0


@pytest.mark.parametrize("stop", [1, 2, 3, 5, 6, 7, 12])
def test_early_stopping_decides_alike_after_a_resume(stop, tmp_path):
    settings = {"patience": 4, "checkpoint": tmp_path / "run", "resume": True}
    climb(steps=stop, **settings)

    ours = climb(**settings)

    assert (ours.steps, float(ours.parameters[0])) == (7, 3.0)
    equal(ours.history.validation_loss, climb(patience=4).history.validation_loss)


def test_a_validation_loss_that_is_not_a_number_is_never_the_best():
    broken = climb(patience=2, validation=(jnp.full(2, jnp.nan), jnp.full(2, 3.0)))

    assert broken.steps == 3
    assert float(broken.parameters[0]) == 3.0  # none was best, so the last


def test_patience_needs_validation():
    with pytest.raises(WrongRun, match="patience needs validation data"):
        run(patience=2)


# ------------------------------------------------------------------------------------------------ progress


def test_a_function_is_called_with_a_report_after_each_chunk():
    reports = []
    ours = run(chunk=4, progress=reports.append, validation=DATA, metric=accuracy)

    assert [report.step for report in reports] == [4, 8, 12]
    assert all(isinstance(report, Report) and report.steps == 12 and report.speed > 0 for report in reports)
    assert [report.remaining > 0 for report in reports] == [True, True, False]
    assert [report.loss for report in reports] == [float(ours.history.loss[i]) for i in (3, 7, 11)]
    assert [report.validation_loss for report in reports] == ours.history.validation_loss.tolist()
    assert [report.metric for report in reports] == ours.history.validation_metric.tolist()


def test_speed_counts_the_steps_of_this_process(tmp_path):
    reports = []
    run(steps=8, chunk=4, checkpoint=tmp_path / "run")
    run(steps=12, chunk=4, checkpoint=tmp_path / "run", resume=True, progress=reports.append)

    (report,) = reports
    assert report.step == 12
    assert report.speed == pytest.approx(4 / report.seconds)


def test_progress_draws_a_bar(capsys):
    run(chunk=4, progress=True, validation=DATA, metric=accuracy)

    shown = capsys.readouterr().out
    assert "12/12" in shown
    assert "loss" in shown
    assert "metric" in shown
    assert "steps/s" in shown


def test_a_mistake_in_the_callback_passes_through():
    def callback(report):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        run(progress=callback)


# ------------------------------------------------------------------------------------------------ loss not finite


def poisoned(at):
    xs = np.array(XS)
    xs[at] = np.nan
    return jnp.asarray(xs), YS


@pytest.mark.parametrize("chunk", [1, 3, 6])
def test_a_loss_that_is_not_a_number_names_step_batch_and_examples(chunk):
    with pytest.raises(
        LossNotFinite, match=r"step 4, batch 4 of epoch 0, examples \[16, 17, 18, 19\]: the loss is nan"
    ) as caught:
        fit(MODEL, LOSS, adam(0.05), poisoned(17), steps=12, batch=4, chunk=chunk, shuffle=False, key=KEY)

    error = caught.value
    good = 4 // chunk * chunk
    assert (error.step, error.batch.tolist(), error.run.steps) == (4, [16, 17, 18, 19], good)
    equal(error.run.parameters, run(steps=good, shuffle=False, chunk=chunk).parameters)
    assert len(error.run.history.loss) == good


def test_the_examples_of_a_shuffled_batch_are_named():
    with pytest.raises(LossNotFinite) as caught:
        fit(MODEL, LOSS, adam(0.05), poisoned(17), steps=12, batch=4, key=KEY)

    assert 17 in caught.value.batch.tolist()


def test_a_batch_of_an_iterable_is_named_by_its_number():
    xs, ys = poisoned(17)
    batches = [(xs[i : i + 4], ys[i : i + 4]) for i in range(0, 24, 4)]

    with pytest.raises(LossNotFinite, match="step 4, batch 4: the loss is nan") as caught:
        fit(MODEL, LOSS, adam(0.05), batches, steps=12, chunk=3, key=KEY)
    assert caught.value.batch == 4


def test_a_state_that_is_not_finite_after_a_finite_loss_is_named():
    explode = learn.Optimiser(lambda p: (), lambda s, p: p, lambda s, p, dp: (s, tuple(x / 0.0 for x in p)))

    with pytest.raises(LossNotFinite, match="the parameters are no longer finite after this step"):
        fit(MODEL, LOSS, explode, DATA, steps=1, batch=4, key=KEY)


def test_the_checkpoint_on_disk_is_the_last_good_one(tmp_path):
    path = tmp_path / "run"
    with pytest.raises(LossNotFinite):
        fit(MODEL, LOSS, adam(0.05), poisoned(17), steps=12, batch=4, chunk=2, shuffle=False, checkpoint=path, key=KEY)

    healed = fit(
        MODEL, LOSS, adam(0.05), DATA, steps=4, batch=4, chunk=2, shuffle=False, checkpoint=path, resume=True, key=KEY
    )
    equal(healed.parameters, run(steps=4, chunk=2, shuffle=False).parameters)


def test_a_large_rate_ends_in_an_error_and_not_in_a_model():
    with pytest.raises(LossNotFinite, match="Lower the rate"):
        fit(dense(4, 3), quadratic(3), sgd(1e6), (XS, XS[:, :3]), steps=200, batch=4, key=KEY)


# ------------------------------------------------------------------------------------------------ mistakes

MISTAKES = {
    "neither epochs nor steps": ({"steps": None}, WrongRun, "either epochs or steps"),
    "both epochs and steps": ({"epochs": 1}, WrongRun, "either epochs or steps"),
    "negative steps": ({"steps": -1}, WrongRun, "steps must be a whole number >= 0, but got -1"),
    "negative epochs": ({"steps": None, "epochs": -2}, WrongRun, "epochs must be a whole number"),
    "an empty chunk": ({"chunk": 0}, WrongRun, "chunk must be a whole number >= 1, but got 0"),
    "negative patience": ({"patience": -1, "validation": DATA}, WrongRun, "patience must be a whole number"),
    "a batch larger than the data": ({"batch": 25}, BatchMismatch, "a batch of 25 cannot be taken from 24"),
    "parameters missing": ({"parameters": (jnp.zeros((4, 5)),)}, WrongParameters, "takes a tuple of 4 parameters"),
    "parameters of another model": (
        {"parameters": dense(4, 4).init(key=KEY) + dense(5, 3).init(key=KEY)},
        WrongParameters,
        r"dense\.weight",
    ),
    "the state of another optimiser": ({"state": ()}, WrongParameters, "state is of another optimiser"),
    "validation of another shape": ({"validation": (XS[:, :2], YS)}, WrongValue, r"float\[24, 4\]"),
    "validation of unequal lengths": ({"validation": (XS, YS[:3])}, BatchMismatch, "one common first axis"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_settings_that_make_no_sense_are_named_at_the_line_of_the_user(name):
    settings, mistake, message = MISTAKES[name]

    with pytest.raises(mistake, match=message) as caught:
        run(**settings)
    assert last_file(caught) == "test_fit.py"


DATA_MISTAKES = {
    "unequal lengths": ((XS, YS[:-1]), BatchMismatch, "one common first axis"),
    "integers for floats": ((jnp.ones((24, 4), int), YS), WrongValue, r"x\.astype\(float\)"),
    "labels out of range": ((XS, YS + 1), WrongValue, r"an integer in 0\.\.2"),
    "floats for labels": ((XS, XS[:, 0]), WrongValue, r"an integer in 0\.\.2"),
    "another shape": ((XS[:, :3], YS), WrongValue, r"float\[24, 4\]"),
    "no pair": (XS, BatchMismatch, r"pair \(inputs, labels\)"),
    "no data": (3, BatchMismatch, "but got int"),
}


@pytest.mark.parametrize("name", DATA_MISTAKES)
def test_data_that_do_not_fit_are_named_at_the_line_of_the_user(name):
    data, mistake, message = DATA_MISTAKES[name]

    with pytest.raises(mistake, match=message) as caught:
        fit(MODEL, LOSS, sgd(0.1), data, steps=2, batch=4, key=KEY)
    assert last_file(caught) == "test_fit.py"


def test_the_state_of_another_model_is_named():
    other = fit(dense(4, 3), LOSS, momentum(0.1, 0.9), DATA, steps=1, batch=4, key=KEY)

    with pytest.raises(WrongParameters, match="the state is of another optimiser or model"):
        fit(MODEL, LOSS, momentum(0.1, 0.9), DATA, steps=1, batch=4, key=KEY, state=other.state)


def test_an_iterable_has_no_known_epoch():
    with pytest.raises(WrongRun, match="give steps, not epochs"):
        fit(MODEL, LOSS, sgd(0.1), [DATA], epochs=1, key=KEY)


def test_a_generator_that_is_used_up_ends_the_run_and_loses_nothing(tmp_path):
    path, batches = tmp_path / "run", [(XS[i : i + 4], YS[i : i + 4]) for i in range(0, 24, 4)]

    with pytest.raises(BatchMismatch, match="used up"):
        fit(MODEL, LOSS, adam(0.05), iter(batches), steps=9, chunk=3, checkpoint=path, key=KEY)

    kept = fit(MODEL, LOSS, adam(0.05), batches, steps=6, chunk=3, checkpoint=path, resume=True, key=KEY)
    equal(kept.parameters, run(steps=6, chunk=3, shuffle=False).parameters)


def test_a_parameter_without_initialiser_is_named():
    with pytest.raises(MissingInitialiser, match="'w'"):
        fit(
            para(R(), smooth(lambda w, x: w * x, R() @ R()), labels=["w"]),
            quadratic(),
            sgd(0.1),
            AWAY,
            steps=1,
            batch=4,
            key=KEY,
        )


def test_a_loss_that_does_not_meet_the_model_is_named():
    with pytest.raises(WrongObject, match="the loss must start where the model ends"):
        fit(MODEL, cross_entropy(4), sgd(0.1), DATA, steps=1, batch=4, key=KEY)


@pytest.mark.parametrize("what", ["model", "loss"])
def test_an_arrow_without_parameters_is_named(what):
    f = smooth(jnp.sum, R(4))
    model, loss = (f, LOSS) if what == "model" else (MODEL, f)

    with pytest.raises(WrongCategory, match=f"a {what} is a parametric arrow"):
        fit(model, loss, sgd(0.1), DATA, steps=1, key=KEY)


def test_no_frame_of_the_library_is_shown():
    with pytest.raises(CatlearnError) as caught:
        run(steps=-1)

    frames = [frame for frame in traceback.extract_tb(caught.tb) if "jaxtyping" not in frame.filename]
    assert [frame.name for frame in frames][-1] == "run"


# ------------------------------------------------------------------------------------------------ other hardware


@pytest.mark.parametrize("optimiser", [sgd(0.1), adam(0.1)], ids=["sgd", "adam"])
@pytest.mark.parametrize("model", [MODEL, DROPPING], ids=["mlp", "dropout"])
def test_the_loop_lowers_for_every_platform(model, optimiser):
    learner = learn.supervised_step(model, LOSS, optimiser, batch=4)
    rows = Shuffled((YS.astype(jnp.int32), XS), KEY, 24, 4)
    p = model.init(key=KEY)
    state = optimiser.init(model.parameter, p) + p

    assert lowers_everywhere(lambda state, start: chunk_of_steps(learner, rows, KEY, 12)(state, start), state, 0)
