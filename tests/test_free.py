"""Formal arrows: equality against brute force, linear work, and nothing lost in text, substitution or pictures."""

import collections
import functools
import itertools
import json
import random
import subprocess
import sys
import xml.etree.ElementTree as ET

import jax.numpy as jnp
import pytest
from programs import as_users_run_it

from catlearn import Fin, Key, Linear, R, Smooth, draw, linear, smooth, space_of, unit
from catlearn.constructions import (
    FreeCartesian,
    FreeMarkov,
    FreeSymmetric,
    Interpretation,
    Word,
    from_json,
    interpret,
    substitute,
    to_json,
)
from catlearn.constructions.formula import Then
from catlearn.constructions.free import Term
from catlearn.theory.errors import NotWritable, WrongBox, WrongCategory, WrongObject, WrongText

CATEGORIES = (FreeSymmetric(), FreeMarkov(), FreeCartesian())
S, M, C = CATEGORIES
X, Y, I = Word("X"), Word("Y"), Word()
each = pytest.mark.parametrize("category", CATEGORIES, ids=str)


@pytest.fixture(autouse=True, scope="module")
def _unchecked():
    with as_users_run_it():
        yield


def boxes(category, names="fghk", x=X):
    return [category.generator(name, x, x) for name in names]


# ---------------------------------------------------------------- work
def left(f, n):
    return functools.reduce(lambda a, b: a >> b, [f] * n)


def right(f, n):
    return functools.reduce(lambda a, b: b >> a, [f] * n)


def wide(f, n):
    return functools.reduce(lambda a, b: a @ b, [f] * n)


def wide_right(f, n):
    return functools.reduce(lambda a, b: b @ a, [f] * n)


def nested(category, depth):
    """``f >> (pair >> (g @ (f >> ...)) >> join)``: as deep as it is long, on one wire."""
    f, g = boxes(category, "fg")
    pair, join = category.generator("pair", X, X @ X), category.generator("join", X @ X, X)
    h = f
    for _ in range(depth):
        h = f >> pair >> (g @ h) >> join
    return h


BUILDS = {
    "then, nested to the left": left,
    "then, nested to the right": right,
    "beside, nested to the left": wide,
    "beside, nested to the right": wide_right,
    "then, at once": lambda f, n: f.category.then(*[f] * n),
    "tensor, at once": lambda f, n: f.category.tensor(*[f] * n),
}


def work(build):
    """How many calls Python makes."""
    calls = 0

    def count(frame, event, argument):
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        build()
    finally:
        sys.setprofile(None)
    return calls


@each
@pytest.mark.parametrize("build", BUILDS.values(), ids=BUILDS)
def test_composing_twice_as_many_boxes_is_twice_the_work(category, build):
    f = category.generator("f", X, X)
    build(f, 2)

    def everything(n):
        term = build(f, n)
        return term.path, term.graph, term.free.normal_form(term)

    assert work(lambda: build(f, 100)) < 2.1 * work(lambda: build(f, 50))
    assert work(lambda: everything(100)) < 2.2 * work(lambda: everything(50))


PROGRAM = """
import functools, time
from catlearn.constructions import FreeCartesian, FreeMarkov, FreeSymmetric, Word

def cost(run):
    start = time.process_time()
    result = run()
    return time.process_time() - start, result

X = Word("X")
for C in (FreeSymmetric(), FreeMarkov(), FreeCartesian()):
    f = C.generator("f", X, X)
    builds = [
        lambda: functools.reduce(lambda a, b: a >> b, [f] * 1000),
        lambda: functools.reduce(lambda a, b: b >> a, [f] * 1000),
        lambda: functools.reduce(lambda a, b: a @ b, [f] * 1000),
        lambda: functools.reduce(lambda a, b: b @ a, [f] * 1000),
        lambda: C.then(*[f] * 1000),
        lambda: C.tensor(*[f] * 1000),
    ]
    for build in builds:
        (first, g), (second, h) = min((cost(build) for _ in range(3)), key=lambda c: c[0]), cost(build)
        compared, equal = cost(lambda: C.close(g, h))
        assert equal and g == h
        print(first, compared)
"""


def test_composing_and_comparing_a_thousand_boxes_takes_milliseconds():
    run = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    costs = [float(number) for line in run.stdout.splitlines() for number in line.split()]

    assert len(costs) == 36
    assert max(costs) < 0.4


@each
def test_how_a_composite_is_bracketed_leaves_no_trace(category):
    f, g, h, k = boxes(category)

    assert (f >> g) >> (h >> k) == ((f >> g) >> h) >> k == f >> (g >> (h >> k)) == category.then(f, g, h, k)
    assert (f @ g) @ (h @ k) == ((f @ g) @ h) @ k == f @ (g @ (h @ k)) == category.tensor(f, g, h, k)
    assert I @ f @ I == f == category.id(X) >> f >> category.id(X)
    assert f >> g != g >> f
    assert hash(f @ (g @ h)) == hash((f @ g) @ h)


@each
def test_there_is_no_limit_to_nesting(category):
    depth = sys.getrecursionlimit() + 50
    term = nested(category, depth)
    read = from_json(to_json(term))

    assert len(term.graph.uses) == 4 * depth + 1
    assert category.close(term, read)
    assert term == read
    assert hash(term) == hash(read)
    assert term.pointfree().count("join") == term.let().count("join") == depth
    assert len(substitute(term, {"f": boxes(category, "k")[0]}).graph.uses) == 4 * depth + 1


def test_deep_graphs_are_forgotten_without_a_trace():
    from catlearn.constructions.graph import _uses

    f = C.generator("only here", X, X)
    term = Term(X, X, C, f.path * 20_000)
    assert len(term.graph.uses) == 20_000
    assert sum(use.box.name == "only here" for use in _uses.values()) == 20_000
    del term

    assert sum(use.box.name == "only here" for use in _uses.values()) == 0


def test_shared_work_stays_shared():
    f = C.generator("f", X @ X, X)
    twice = C.copy(X) >> f
    term = functools.reduce(lambda a, b: a >> b, [twice] * 30)
    unfolded = functools.reduce(lambda g, _: C.copy(X) >> (g @ g) >> f, range(9), twice)

    assert len(term.graph.uses) == 30
    assert len(unfolded.graph.uses) == 10


# ---------------------------------------------------------------- equality, by brute force
SMALL = {"s": (0, 1), "e": (1, 0), "f": (1, 1), "g": (2, 1), "h": (1, 2), "n": (0, 0)}


def word(n):
    return Word(*["X"] * n)


def layered(width, layers, category):
    """The arrow of layers, each a box, a swap, a copy or a discard at a position."""
    term = category.id(word(width))
    for at, name in layers:
        n, _, factor = moves(category)[name]
        rest = len(term.cod) - at - n
        term = term >> (word(at) @ factor @ word(rest))
    return term


@functools.cache
def moves(category):
    table = {name: (n, m, category.generator(name, word(n), word(m))) for name, (n, m) in SMALL.items()}
    table["swap"] = (2, 2, category.swap(X, X))
    if category != S:
        table["copy"] = (1, 2, category.copy(X))
        table["discard"] = (1, 0, category.discard(X))
    return table


def all_layers(category, width, depth, names):
    """All sequences of at most `depth` layers that start at `width` wires and are never wider than three."""
    yield []
    if depth:
        for name in names:
            n, m, _ = moves(category)[name]
            if width - n + m <= 3:
                for at in range(width - n + 1):
                    for rest in all_layers(category, width - n + m, depth - 1, names):
                        yield [(at, name), *rest]


def by_hand(width, layers):
    """The uses and outputs of layers, found without the library: uses are numbers in the order in which they are made."""
    wires, uses = [("in", i) for i in range(width)], []
    for at, name in layers:
        if name == "swap":
            wires[at : at + 2] = wires[at + 1], wires[at]
        elif name == "copy":
            wires[at : at + 1] = [wires[at]] * 2
        elif name == "discard":
            del wires[at]
        else:
            n, m = SMALL[name]
            uses.append((name, tuple(wires[at : at + n])))
            wires[at : at + n] = [(len(uses) - 1, k) for k in range(m)]
    return uses, tuple(wires)


def renumbered(uses, outputs, order):
    """The graph with its uses listed in another order."""
    at = {old: new for new, old in enumerate(order)}
    name = lambda wire: wire if wire[0] == "in" else (at[wire[0]], wire[1])
    listed = tuple((uses[old][0], tuple(map(name, uses[old][1]))) for old in order)
    return repr((listed, tuple(map(name, outputs))))


def least(uses, outputs):
    """The smallest of all ways to number the uses: equal exactly for isomorphic graphs."""
    return min(renumbered(uses, outputs, order) for order in itertools.permutations(range(len(uses))))


def only_needed(uses, outputs):
    needed, wanted = set(), list(outputs)
    while wanted:
        i, _ = wanted.pop()
        if i != "in" and i not in needed:
            needed.add(i)
            wanted += uses[i][1]
    kept = sorted(needed)
    at = {old: new for new, old in enumerate(kept)}
    name = lambda wire: wire if wire[0] == "in" else (at[wire[0]], wire[1])
    return [(uses[i][0], tuple(map(name, uses[i][1]))) for i in kept], tuple(map(name, outputs))


def trees(uses, outputs):
    return [tree(uses, wire) for wire in outputs]


def tree(uses, wire):
    """A wire as the expression that it is."""
    i, k = wire
    return wire if i == "in" else (uses[i][0], k, tuple(tree(uses, w) for w in uses[i][1]))


ORACLES = {
    S: lambda width, layers: least(*by_hand(width, layers)),
    M: lambda width, layers: least(*only_needed(*by_hand(width, layers))),
    C: lambda width, layers: repr(trees(*by_hand(width, layers))),
}
FAMILIES = [
    *((S, 0, 4, ("s", "e", "n", "swap")), (S, 0, 4, ("s", "e", "h", "g", "n")), (S, 2, 3, ("f", "swap", "s", "e"))),
    *((M, 1, 4, ("f", "copy", "discard", "swap")), (M, 1, 3, ("g", "h", "s", "e", "copy", "discard"))),
    *((C, 1, 4, ("f", "copy", "discard", "swap")), (C, 1, 3, ("g", "h", "s", "e", "copy", "discard"))),
]


@pytest.mark.parametrize(("category", "width", "depth", "names"), FAMILIES, ids=str)
def test_equality_is_what_brute_force_finds_among_all_small_arrows(category, width, depth, names):
    forms, truths = {}, {}
    for layers in all_layers(category, width, depth, names):
        term = layered(width, layers, category)
        truth = (len(term.cod), ORACLES[category](width, layers))
        form = (len(term.cod), category.normal_form(term))
        assert truths.setdefault(form, truth) == truth, layers
        assert forms.setdefault(truth, form) == form, layers

    assert len(forms) == len(truths) > 20


def test_closed_parts_are_equal_in_any_order_and_number():
    s, e, f, n = (moves(S)[name][2] for name in "sefn")
    loop, longer = s >> e, s >> f >> e

    assert S.close(loop @ longer @ n, n @ loop @ longer)
    assert S.close(loop @ f, f @ loop)
    assert S.close((s @ s) >> S.swap(X, X) >> (e @ e), loop @ loop)
    assert not S.close(loop, loop @ loop)
    assert not S.close(loop @ longer, loop @ loop)
    assert not S.close(n, S.id(I))


def test_closed_parts_with_a_symmetry_are_compared_as_graphs():
    s, e = S.generator("s", I, X @ X), S.generator("e", X @ X, I)

    def cycle(n, twist=False):
        """`n` states and `n` effects, each of which takes a wire of two neighbours."""
        states, width = wide(s, n), 2 * n
        order = [*range(1, width), 0]
        if twist:
            order[0], order[1] = order[1], order[0]
        return states >> permutation(order) >> wide(e, n)

    assert S.close(cycle(5), cycle(5))
    assert not S.close(cycle(4), cycle(2) @ cycle(2))
    assert not S.close(cycle(3), cycle(3, twist=True))


def permutation(order):
    """Wires in another order, by swaps of neighbours."""
    term, now = S.id(word(len(order))), list(range(len(order)))
    for place, wanted in enumerate(order):
        for i in range(now.index(wanted), place, -1):
            now[i - 1], now[i] = now[i], now[i - 1]
            term = term >> (word(i - 1) @ S.swap(X, X) @ word(len(order) - i - 1))
    return term


# A term as a tree, to rewrite: ("box", name), ("id", n), ("swap", n, m), ("then", a, b), ("beside", a, b).
def ends(t):
    match t:
        case ("box", name):
            return SMALL[name]
        case ("id", n):
            return n, n
        case ("swap", n, m):
            return n + m, n + m
        case ("then", a, b):
            return ends(a)[0], ends(b)[1]
        case ("beside", a, b):
            return tuple(map(sum, zip(ends(a), ends(b), strict=True)))


def as_term(t):
    match t:
        case ("box", name):
            return moves(S)[name][2]
        case ("id", n):
            return S.id(word(n))
        case ("swap", n, m):
            return S.swap(word(n), word(m))
        case ("then", a, b):
            return as_term(a) >> as_term(b)
        case ("beside", a, b):
            return as_term(a) @ as_term(b)


def rewritings(t):
    """What one axiom of symmetric monoidal categories makes of a term at its root."""
    n, m = ends(t)
    yield ("then", ("id", n), t)
    yield ("then", t, ("id", m))
    yield ("beside", t, ("id", 0))
    yield ("beside", ("id", 0), t)
    match t:
        case ("then", ("then", a, b), c):
            yield ("then", a, ("then", b, c))
        case ("then", a, ("then", b, c)):
            yield ("then", ("then", a, b), c)
    match t:
        case ("then", ("id", _), a) | ("then", a, ("id", _)) | ("beside", ("id", 0), a) | ("beside", a, ("id", 0)):
            yield a
    match t:
        case ("then", ("beside", a, b), ("beside", c, d)) if ends(a)[1] == ends(c)[0]:
            yield ("beside", ("then", a, c), ("then", b, d))
        case ("beside", ("then", a, c), ("then", b, d)):
            yield ("then", ("beside", a, b), ("beside", c, d))
        case ("beside", ("beside", a, b), c):
            yield ("beside", a, ("beside", b, c))
        case ("beside", a, ("beside", b, c)):
            yield ("beside", ("beside", a, b), c)
        case ("id", k) if k > 1:
            yield ("then", ("swap", 1, k - 1), ("swap", k - 1, 1))
            yield ("beside", ("id", 1), ("id", k - 1))
        case ("swap", a, b) if b > 1:
            first = ("beside", ("swap", a, 1), ("id", b - 1))
            yield ("then", first, ("beside", ("id", 1), ("swap", a, b - 1)))
    match t:
        case ("beside", a, b):
            (na, ma), (nb, mb) = ends(a), ends(b)
            yield ("then", ("swap", na, nb), ("then", ("beside", b, a), ("swap", mb, ma)))
            yield ("then", ("beside", a, ("id", nb)), ("beside", ("id", ma), b))
            yield ("then", ("beside", ("id", na), b), ("beside", a, ("id", mb)))


def rewritten(t, chance):
    """The term after one axiom somewhere in it."""
    if t[0] in ("then", "beside") and chance.random() < 0.7:
        i = chance.choice((1, 2))
        return tuple(rewritten(part, chance) if k == i else part for k, part in enumerate(t))
    return chance.choice([*rewritings(t)])


def some_tree(chance, layers):
    width = chance.randrange(3)
    t = ("id", width)
    for _ in range(layers):
        fitting = [name for name, (n, _) in SMALL.items() if n <= width] + ["swap"] * (width > 1)
        name = chance.choice(fitting)
        move = ("swap", 1, 1) if name == "swap" else ("box", name)
        n, m = ends(move)
        at = chance.randrange(width - n + 1)
        t = ("then", t, ("beside", ("id", at), ("beside", move, ("id", width - n - at))))
        width += m - n
    return t


def test_an_arrow_stays_equal_when_it_is_rewritten_by_the_axioms():
    chance = random.Random(0)
    for _ in range(60):
        t = original = some_tree(chance, 6)
        for _ in range(25):
            t = rewritten(t, chance)

        assert ends(t) == ends(original)
        assert S.close(as_term(t), as_term(original)), (original, t)


def test_equal_arrows_mean_the_same():
    """Equality against semantics: what the free cartesian category identifies no function on numbers tells apart."""
    chance = random.Random(1)
    meanings = {"s": lambda: 5, "f": lambda x: 3 * x + 1, "g": lambda x, y: x - 2 * y, "h": lambda x: (x * x, x + 7)}
    seen = {}
    for _ in range(400):
        layers, width = [], 2
        for _ in range(4):
            name = chance.choice([k for k, (n, _, _) in moves(C).items() if n <= width and k not in "en"])
            n, m, _ = moves(C)[name]
            layers.append((chance.randrange(width - n + 1), name))
            width += m - n
        values = valued(layers, (11, 13), meanings)
        form = (width, C.normal_form(layered(2, layers, C)))
        assert seen.setdefault(form, values) == values


def valued(layers, values, meanings):
    values = list(values)
    for at, name in layers:
        if name == "swap":
            values[at : at + 2] = values[at + 1], values[at]
        elif name in ("copy", "discard"):
            values[at : at + 1] = [values[at]] * (2 if name == "copy" else 0)
        else:
            n, _ = SMALL[name]
            ys = meanings[name](*values[at : at + n])
            values[at : at + n] = ys if isinstance(ys, tuple) else (ys,)
    return values


def test_boxes_are_told_apart_by_name_ends_and_data_and_data_by_their_types():
    data = [None, 0, 0.0, -0.0, False, "0", (0,), (0.0,), float("nan")]
    made = [C.generator("f", X, X, d) for d in data] + [C.generator("g", X, X), C.generator("f", X, X @ X)]

    for (i, f), (j, g) in itertools.product(enumerate(made), repeat=2):
        assert (f.path == g.path) is (i == j)
    assert C.close(made[8], C.generator("f", X, X, float("nan")))


# ---------------------------------------------------------------- graphs as paths
def test_a_graph_is_a_path_again():
    chance = random.Random(2)
    for category in (M, C):
        for _ in range(100):
            layers, width = [], 2
            for _ in range(8):
                fitting = [k for k, (n, m, _) in moves(category).items() if n <= width and width - n + m < 6]
                name = chance.choice(fitting)
                n, m, _ = moves(category)[name]
                layers.append((chance.randrange(width - n + 1), name))
                width += m - n
            term = layered(2, layers, category)
            drawn = category.of_graph(term.dom, term.cod, term.graph)
            flat = Term(term.dom, term.cod, category, drawn.path)

            assert category.close(drawn, term)
            assert category.close(flat, term)
            assert [u.box for u in flat.graph.uses] == [u.box for u in term.graph.uses]


def test_formulas_are_equal_when_their_paths_are():
    f, g = (box.path for box in boxes(C, "fg"))

    assert Then(Then(f, g), f) == Then(f, Then(g, f)) == f + g + f
    assert Then(f, g) != Then(g, f)
    assert Then(f, g) != "f then g"


def test_boxes_that_do_not_wait_for_one_another_are_one_layer():
    f, g = boxes(C, "fg")
    term = C.arrow(X @ X, X @ X @ X, lambda xs: (*C.apply(f, xs[:1]), *C.apply(g, xs[1:]), *C.apply(f, xs[:1])))

    assert term.pointfree() == "f @ g >> pick(X @ X, (0, 1, 0))"


def test_what_passes_by_a_box_stays_on_its_side():
    (f,) = boxes(C, "f")
    above = C.arrow(X @ X, X @ X, lambda xs: (*C.apply(f, xs[:1]), xs[1]))
    below = C.arrow(X @ X, X @ X, lambda xs: (xs[0], *C.apply(f, xs[1:])))

    assert (above.pointfree(), below.pointfree()) == ("f @ X", "X @ f")


@pytest.mark.parametrize("category", [M, C], ids=str)
def test_structure_maps_are_found_again_in_their_graphs(category):
    maps = category.copy(X @ Y), category.discard(X @ Y), category.swap(X, X @ Y), category.id(X @ Y)

    for f in (*maps, category.pick(X @ Y, (1, 1, 0))):
        assert category.of_graph(f.dom, f.cod, f.graph).pointfree() == f.pointfree()


def test_a_wide_graph_is_a_path_in_linear_work():
    f = C.generator("f", X, X)
    row = lambda n: C.arrow(word(n), word(n), lambda xs: tuple(y for x in xs for y in C.apply(f, (x,))))

    assert work(lambda: row(100).path) < 2.3 * work(lambda: row(50).path)
    assert row(50) == C.tensor(*[f] * 50)


# ---------------------------------------------------------------- text
def test_the_text_without_points():
    f, g, h, _ = boxes(C)

    assert f.pointfree() == "f"
    assert C.id(X @ Y).pointfree() == "id(X @ Y)"
    assert C.id(I).pointfree() == "id(unit)"
    assert (C.copy(X) >> f @ g).pointfree() == "copy(X) >> f @ g"
    assert (X @ (f >> g) @ Y).pointfree() == "X @ (f >> g) @ Y"
    assert (C.swap(X, X @ Y) >> (C.discard(X @ Y) @ h)).pointfree() == "swap(X, X @ Y) >> discard(X @ Y) @ h"


def test_the_text_with_points():
    f, g = S.generator("f", X, X @ Y), S.generator("e", X, I)
    term = (f @ S.generator("s", I, X)) >> (g @ Y @ X)

    assert term.let() == "fun (x0 : X) ->\nlet (y0, y1) = f(x0) in\nlet y2 = s() in\nlet () = e(y0) in\n(y1, y2)"
    assert S.id(I).let() == "fun () ->\n()"


TEXTS = {
    "words": lambda K: (K.generator("f", X, Y @ X) >> (Y @ boxes(K, "g")[0])) @ K.swap(X, Y),
    "names that are not names": lambda K: K.generator("a b", X, X) >> K.generator("a_b", X, X) >> boxes(K, ["if"])[0],
    "a name for two": lambda K: K.generator("f", X, Y) >> K.generator("f", Y, X, 3) >> K.generator("f", X, Y),
    "a name of a letter": lambda K: K.generator("X", X, Y) >> K.generator("swap", Y, X),
    "letters that are not names": lambda K: K.swap(Word("x y"), Word(3)) @ K.id(Word("for")),
}


@each
@pytest.mark.parametrize("make", TEXTS.values(), ids=TEXTS)
def test_python_reads_the_text_without_points(category, make):
    term = make(category)
    read = eval(term.pointfree(), term.scope())

    assert read == term
    assert category.close(read, term)


def test_python_reads_the_text_of_arrows_between_spaces():
    K = FreeCartesian(unit=unit)
    A = R(2, 3) @ Fin(3) @ Key @ space_of({"w": jnp.zeros(2)}) @ R(dtype="float16")
    term = K.generator("f", A, R()) >> K.copy(R()) >> K.generator("g", R() @ R(), A)
    read = eval(term.pointfree(), term.scope())

    assert read == term
    assert term.pointfree() == "f >> copy(R()) >> g"
    assert eval(K.copy(A).pointfree(), K.copy(A).scope()) == K.copy(A)


def test_code_with_points_is_read_as_the_same_arrow():
    """The lines are run by hand: what comes out is what the interpretation gives."""
    f, g = C.generator("f", X, X @ X), C.generator("g", X @ X, X)
    term = f >> (g @ C.id(I)) >> C.copy(X) >> (X @ f) >> (X @ g)
    F = {"f": smooth(lambda x: (x + 1, 2 * x), R()), "g": smooth(lambda a, b: a * b - b, R() @ R())}
    _, *lines, result = term.let().replace("fun (x0 : X) ->", "").splitlines()
    values = {"f": lambda x: (x + 1, 2 * x), "g": lambda a, b: a * b - b, "x0": 3.0}
    for line in lines:
        exec(line.removeprefix("let ").removesuffix(" in"), values)

    meant = interpret(term, Smooth, arrows=F, objects={"X": R()})(3.0)

    assert eval(result, values) == tuple(map(float, meant))


# ---------------------------------------------------------------- substitution
@each
def test_substitution_replaces_some_boxes_and_keeps_the_others(category):
    f, g, h, k = boxes(category)
    term = f >> (g >> f) >> h

    assert substitute(term, {"f": k >> k}) == k >> k >> g >> k >> k >> h
    assert substitute(term, {}) == term
    assert substitute(f @ g, lambda box: h if box.name == "g" else None) == f @ h


def test_substitution_keeps_sharing_and_is_a_functor():
    f, g, h, _ = boxes(C)
    step = lambda t: C.copy(X) >> (t @ t) >> C.generator("join", X @ X, X)
    term = functools.reduce(lambda t, _: step(t), range(6), f)
    result = substitute(term, {"f": g >> h})

    assert len(term.graph.uses) == 7
    assert len(result.graph.uses) == 8
    assert C.close(result, functools.reduce(lambda t, _: step(t), range(6), g >> h))
    long = substitute(left(f, 500), {"f": g >> h})
    assert len(long.path) == 1000


def test_substitution_leads_into_another_free_category():
    f = S.generator("f", X, X, ("setting", 1))
    result = substitute(f @ f, {"g": 1}, category=C)

    assert result.category == C
    assert C.close(C.copy(X) >> result, C.generator("f", X, X, ("setting", 1)) >> C.copy(X))


def test_substitution_refuses_other_ends_and_other_categories():
    f, g = C.generator("f", X, X), C.generator("g", X, Y)

    with pytest.raises(WrongObject, match=r"f : X -> X"):
        substitute(f, {"f": g})
    with pytest.raises(WrongCategory, match="FreeMarkov"):
        substitute(f, {"f": M.generator("f", X, X)})
    with pytest.raises(WrongCategory, match="`copy`"):
        substitute(C.copy(X), {}, category=S)


# ---------------------------------------------------------------- interpretation
def test_an_interpretation_is_what_one_computes_by_hand():
    chance = random.Random(3)
    numbers = {"s": lambda: 5.0, "f": lambda x: 3 * x + 1, "g": lambda x, y: x - 2 * y, "h": lambda x: (x * x, x + 7)}
    arrows = {
        name: smooth(numbers[name], functools.reduce(lambda a, _: a @ R(), range(SMALL[name][0]), unit))
        for name in "fgh"
    }
    arrows["s"] = Smooth.point(R(), 5.0)
    F = Interpretation(Smooth, arrows, {"X": R()})
    for _ in range(10):
        layers, width = [], 2
        for _ in range(6):
            fitting = [k for k, (n, m, _) in moves(C).items() if n <= width and 0 < width - n + m < 5 and k not in "en"]
            name = chance.choice(fitting)
            n, m, _ = moves(C)[name]
            layers.append((chance.randrange(width - n + 1), name))
            width += m - n
        term = layered(2, layers, C)
        by_graph = C.of_graph(term.dom, term.cod, term.graph)
        wanted = valued(layers, (0.5, -0.25), numbers)

        for formal in (term, by_graph):
            assert list(map(float, Smooth.apply(F(formal), (0.5, -0.25)))) == wanted


def test_a_letter_may_mean_several_wires():
    F = Interpretation(Smooth, {}, {"X": R() @ R(2), "Y": Fin(2), "Z": unit})
    A = Word("X", "Y", "Z")

    assert F(A) == R() @ R(2) @ Fin(2)
    order = C.pick(A, (1, 0, 2, 0))
    assert F(order).cod == Fin(2) @ R() @ R(2) @ R() @ R(2)
    xs = (1.0, jnp.zeros(2), 1)
    assert [jnp.shape(y) for y in Smooth.apply(F(order), xs)] == [(), (), (2,), (), (2,)]


def test_arrows_between_spaces_need_no_meaning_of_letters():
    K = FreeCartesian(unit=unit)
    term = K.copy(R()) >> K.generator("times", R() @ R(), R())
    times = smooth(lambda a, b: a * b, R() @ R())

    assert float(interpret(term, Smooth, arrows={"times": times})(3.0)) == 9
    assert interpret(K.swap(R(), R(2)), Linear, arrows={}) == Linear.swap(R(), R(2))
    with pytest.raises(WrongObject, match="objects="):
        interpret(C.id(X), Smooth, arrows={})


def test_a_box_gets_its_meaning_once():
    asked = []

    def meaning(box):
        asked.append(box)
        return linear(R(), R(), [[2.0]])

    f = S.generator("f", X, X)
    result = interpret(left(f, 10) @ f, Linear, arrows=meaning, objects={"X": R()})

    assert len(asked) == 1
    assert list(map(float, result(1.0, 1.0))) == [1024, 2]


def test_what_has_no_meaning_is_named():
    f = C.generator("f", X, Y)
    total = smooth(jnp.sum, R(2))

    with pytest.raises(WrongObject, match="generator f : X -> Y needs an arrow"):
        interpret(f, Smooth, arrows={}, objects={"X": R(2), "Y": R()})
    with pytest.raises(WrongObject, match="letter 'Y'"):
        interpret(f, Smooth, arrows={"f": total}, objects={"X": R(2)})
    with pytest.raises(WrongObject, match=r"R\(3\) -> R\(\)"):
        interpret(f, Smooth, arrows={"f": total}, objects={"X": R(3), "Y": R()})


@pytest.mark.parametrize("wrong", [(3, X, X, None), ("f", "X", X, None), ("f", X, R(), None), ("f", X, X, [1])])
def test_a_generator_is_checked(wrong):
    name, dom, cod, data = wrong
    with pytest.raises(WrongBox, match="cannot make the generator"):
        C.generator(name, dom, cod, data)


# ---------------------------------------------------------------- JSON
K = FreeCartesian(unit=unit)
RECORD = space_of({"w": jnp.zeros((2, 3)), "b": [jnp.zeros(3), (True, None)]})
SPACES = R(2) @ Fin(3, labels=["a", "b", "c"]) @ Key @ RECORD @ R(4, dtype="float32") @ space_of({("w", 0): 3})
WRITTEN = {
    **{f"a box of {category}": category.generator("f", X @ Y, X) for category in CATEGORIES},
    "symmetric": (S.generator("f", X, Y) @ S.generator("s", I, X)) >> S.swap(Y, X) >> (S.generator("e", X, I) @ Y),
    "markov": M.copy(X @ Y) >> (M.discard(X) @ M.pick(Y @ X, (1, 1, 0)) @ Y),
    "identity": C.id(X @ Y),
    "unit": S.id(I),
    "scalar": S.generator("n", I, I) @ S.generator("n", I, I),
    "letters": C.swap(Word(1, None, ("a", 2.5)), Word(True, "ü", "\ud800")),
    "data": C.generator("f", X, X, (1, 1.5, True, None, "ü", (-0.0, float("inf"), -float("inf"), 10**30), ())),
    "data that are formal": C.generator("loop", X, X, (C.generator("f", X, X) >> C.generator("g", X, X), X @ Y)),
    "spaces": K.copy(SPACES) >> K.generator("f", SPACES @ SPACES, R(), SPACES) >> K.generator("g", R(), unit),
    "a graph": C.arrow(X @ X, X, lambda xs: C.apply(C.generator("f", X @ X, X), (xs[1], xs[1]))),
    "a long chain": left(C.generator("f", X, X), 1000),
}


@pytest.mark.parametrize("term", WRITTEN.values(), ids=WRITTEN)
def test_json_is_read_back_as_equal_data(term):
    for text in (to_json(term), to_json(term, indent=1)):
        read = from_json(text)

        assert read == term
        assert read.path == term.path
        assert (read.dom, read.cod, read.category) == (term.dom, term.cod, term.category)
        assert to_json(read) == to_json(term)
        assert read.category.close(read, term)


def test_labels_are_written_though_they_make_no_difference():
    a, b = Fin(2, labels=["no", "yes"]), Fin(2)
    read = from_json(to_json(K.swap(a, b)))

    assert [w.labels for w in read.dom.wires] == [("no", "yes"), None]


def test_the_json_of_a_chain_names_each_box_and_letter_once():
    document = json.loads(to_json(left(C.generator("f", X, X, "x" * 100), 1000)))

    assert len(document["boxes"]) == len(document["letters"]) == 1
    assert len(document["path"]) == 1001


@pytest.mark.parametrize(
    "term",
    [
        C.generator("f", X, X, jnp.sin),
        C.generator("f", X, X, (1, frozenset())),
        C.generator("f", X, X, 1j),
        C.generator("f", X, X, float("nan")),
        C.generator("f", X, X, (b"bytes",)),
        C.id(Word(jnp.sin)),
        C.generator("f", X, X, 10**5000),
        C.id(Word(object())),
        K.id(space_of(collections.OrderedDict(w=1.0))),
        smooth(jnp.sin, R()),
    ],
    ids=[
        "function",
        "set",
        "complex",
        "nan",
        "bytes",
        "function as a letter",
        "large",
        "object as a letter",
        "ordered",
        "no term",
    ],
)
def test_what_json_cannot_hold_is_refused(term):
    with pytest.raises(NotWritable, match="cannot write"):
        to_json(term)


TEXT = to_json(WRITTEN["spaces"])


def changed(**parts):
    return json.dumps({**json.loads(to_json(WRITTEN["markov"])), **parts})


BROKEN = {
    "nothing": ("", "no JSON"),
    "not a text": (None, "no JSON"),
    "another format": ('{"format": "svg"}', "format"),
    "a list": ("[1]", "format"),
    "deep nonsense": ("[" * 100_000, "no JSON"),
    "NaN": (changed(version=float("nan")), "NaN"),
    "a later version": (changed(version=2), "version 2"),
    "an older version": (changed(version=0), "version 0"),
    "a part too many": (changed(more=1), "parts"),
    "an unknown category": (changed(category="FreeTraced"), "'FreeTraced'"),
    "a category without copies": (changed(category="FreeSymmetric"), "copy"),
    "a unit with letters": (changed(unit={"word": ["X"]}), "unit"),
    "a letter that is not there": (changed(dom=[0, 7]), "letter 7"),
    "a letter counted from the end": (changed(dom=[0, -1]), "letter -1"),
    "letters for wires": (changed(unit={"ob": []}), "no wire"),
    "a letter for letters": (changed(dom="a"), "no list"),
    "a number for a path": (changed(path=0), "no list"),
    "an object for boxes": (changed(boxes={"f": 0}), "no list"),
    "another end": (changed(cod=[0]), "ends at"),
    "another start": (changed(dom=[0, 0]), "ends at"),
    "strands that do not fit": (changed(path=[["strands", [1]], ["end"], ["end"]]), "do not fit"),
    "strands that do not end": (changed(path=[["strands", [1, 1]], ["end"]]), "no end"),
    "a path that does not end": (changed(path=[["copy"]]), "no end"),
    "a path after the end": (changed(path=[["end"], ["copy"]], cod=[0, 1]), "after the end"),
    "a box that is not there": (changed(path=[0, ["end"]]), "box 0"),
    "an unknown factor": (changed(path=[["merge"], ["end"]]), "merge"),
    "a pick outside": (changed(path=[["pick", [2]], ["end"]]), "pick"),
    "a box with other ends": (changed(boxes=[["f", [0], [0], None]], path=[0, ["end"]]), "starts at X"),
    "half a box": (changed(boxes=[["f", [0], [0]]]), "no box"),
    "data of no kind": (changed(boxes=[["f", [0], [0], {"set": []}]]), "no value"),
    "a wire of no kind": (changed(letters=[{"wire": ["Complex", []]}]), "no wire"),
    "a wire with other fields": (changed(letters=[{"wire": ["Euclidean", [-1], None]}]), "fields"),
    "a wire with another dtype": (changed(letters=[{"wire": ["Euclidean", [1], "float7"]}]), "fields"),
}


@pytest.mark.parametrize(("text", "why"), BROKEN.values(), ids=BROKEN)
def test_a_broken_text_is_refused_and_says_why(text, why):
    with pytest.raises(WrongText, match=why):
        from_json(text)


def test_a_text_that_is_cut_anywhere_is_refused():
    for end in range(0, len(TEXT), 17):
        with pytest.raises(WrongText):
            from_json(TEXT[:end])


def test_a_text_that_is_changed_anywhere_is_refused_or_is_another_arrow_but_never_another_error():
    chance = random.Random(4)
    for _ in range(300):
        i = chance.randrange(len(TEXT))
        text = TEXT[:i] + chance.choice('0123456789[]{}",:a') + TEXT[i + 1 :]
        try:
            read = from_json(text)
        except WrongText:
            continue
        assert from_json(to_json(read)) == read


def test_an_arrow_of_a_category_of_ones_own_is_read_with_that_category():
    class Mine(FreeMarkov):
        pass

    term = Mine().generator("f", X, X)
    text = to_json(term)

    assert from_json(text, category=Mine()) == term
    with pytest.raises(WrongText, match="say which category"):
        from_json(text)
    with pytest.raises(WrongText, match="and not of FreeMarkov"):
        from_json(text, category=M)


# ---------------------------------------------------------------- pictures
@each
def test_formal_arrows_are_diagrams_and_back(category):
    chance = random.Random(5)
    for _ in range(25):
        layers, width = [], 2
        for _ in range(6):
            fitting = [k for k, (n, m, _) in moves(category).items() if n <= width and width - n + m < 6]
            name = chance.choice(fitting)
            n, m, _ = moves(category)[name]
            layers.append((chance.randrange(width - n + 1), name))
            width += m - n
        term = layered(2, layers, category)

        read = draw.from_discopy(draw.to_discopy(term), category)

        assert (read.dom, read.cod) == (term.dom, term.cod)
        assert category.close(read, term)


def test_the_data_of_a_box_survive_a_diagram():
    f = C.generator("f", X, X, ("setting", 2))

    assert C.close(draw.from_discopy(draw.to_discopy(f >> f), C), f >> f)


def test_a_graph_is_drawn_without_crossings_that_it_does_not_need():
    f, g = C.generator("f", X, X), C.generator("g", X @ X, X)

    def program(xs):
        a, b, c = xs
        (d,) = C.apply(g, (a, b))
        (e,) = C.apply(f, (c,))
        return (*C.apply(g, (d, e)), d)

    diagram = draw.to_discopy(C.arrow(X @ X @ X, X @ X, program))
    crossings = sum(type(box).__name__ == "Swap" for box in diagram.boxes)

    assert crossings == 1


def test_boxes_in_a_picture_do_not_overlap():
    chance = random.Random(6)
    for _ in range(12):
        layers, width = [], 1
        for _ in range(7):
            fitting = [k for k, (n, m, _) in moves(C).items() if n <= width and 0 < width - n + m < 5 and k not in "en"]
            name = chance.choice(fitting)
            n, m, _ = moves(C)[name]
            layers.append((chance.randrange(width - n + 1), name))
            width += m - n
        term = layered(1, layers, C)
        for formal in (term, C.of_graph(term.dom, term.cod, term.graph)):
            root = ET.fromstring(draw.svg(formal))
            found = [rect.attrib for rect in root.iter("{http://www.w3.org/2000/svg}rect") if "rx" in rect.attrib]
            sides = [[float(a[k]) for k in ("x", "y", "width", "height")] for a in found]

            for (x, y, w, h), (u, v, a, b) in itertools.combinations(sides, 2):
                assert x + w < u or u + a < x or y + h < v or v + b < y


def test_a_number_that_comes_from_nowhere_is_written_where_it_is_used():
    two, times = C.generator("2.5", Word(), X), C.generator("times", X @ X, X)

    assert ((two @ X) >> times).let() == "fun (x0 : X) ->\nlet y0 = times(2.5, x0) in\ny0"
