"""The seeded faults, module by module; each with the laws that reject it."""

from tests.faults.fault import Fault


def _in(module: str, draws: str, *faults: tuple[str, str, str, str]) -> tuple[Fault, ...]:
    """Faults of one module, shown by the same draws."""
    return tuple(Fault(name, module, old, new, draws, tuple(laws.split())) for name, old, new, laws in faults)


PATHS = _in(
    "categories.path",
    "Smooth",
    (
        "swap leaves the wires where they are",
        "return xs[self.n :] + xs[: self.n]",
        "return xs",
        "swap_natural copy_tensor",
    ),
    (
        "copy turns its second copy around",
        "return xs + xs",
        "return xs + xs[::-1]",
        "copy_unital copy_commutative pair_second",
    ),
    (
        "discard keeps what it gets",
        "return ()\n\n\nclass Pick",
        "return xs\n\n\nclass Pick",
        "discard_natural copy_unital pair_first",
    ),
    (
        "pick counts from the end",
        "return tuple(xs[i] for i in self.positions)",
        "return tuple(xs[-1 - i] for i in self.positions)",
        "pick",
    ),
    (
        "a tensor exchanges its strands",
        "zip(*_strands(n, f), *_strands(m, g), strict=True)",
        "zip(*_strands(m, g), *_strands(n, f), strict=True)",
        "interchange whiskering swap_natural",
    ),
    (
        "each strand starts at the first value",
        "ys += run(path, xs[i : i + n])",
        "ys += run(path, xs[:n])",
        "interchange tensor_associativity",
    ),
    (
        "a path forgets its first factor",
        "for factor in path:",
        "for factor in path[1:] or path:",
        "interchange chain",
    ),
)

SMOOTH = _in(
    "categories.smooth",
    "Smooth",
    (
        "the identity drops its wires",
        "return SmoothMap(x, x, ())",
        "return SmoothMap(x, x, (Discard(),))",
        "left_identity right_identity tensor_identity",
    ),
    (
        "the identity moves its first wire to the end",
        "return SmoothMap(x, x, ())",
        "return SmoothMap(x, x, (Swap(1),))",
        "swap_involution",
    ),
    (
        "a composite runs backwards",
        "for f in arrows for factor in f.path",
        "for f in reversed(arrows) for factor in f.path",
        "associativity interchange cd5",
    ),
    (
        "swap moves as many wires as the second object has",
        "(Swap(len(x)),)",
        "(Swap(len(y)),)",
        "swap_natural hexagon",
    ),
    (
        "copy zeroes its second copy",
        "(Copy(),)",
        "(Copy(), *beside(len(x), (), len(x), (Zero(x),)))",
        "copy_unital copy_natural pair_second",
    ),
    (
        "a sum forgets its second side",
        "jax.tree.map(jnp.add, run(self.f, xs), run(self.g, xs))",
        "jax.tree.map(jnp.add, run(self.f, xs), run(self.f, xs))",
        "add_commutative add_zero rd4",
    ),
    (
        "a sum is a product",
        "jax.tree.map(jnp.add, run(self.f, xs), run(self.g, xs))",
        "jax.tree.map(jnp.multiply, run(self.f, xs), run(self.g, xs))",
        "add_zero projections_additive",
    ),
    (
        "zero is one",
        "return tuple(w.zeros() for w in self.ob.wires)",
        "return jax.tree.map(jnp.ones_like, tuple(w.zeros() for w in self.ob.wires))",
        "add_zero rd1 cd1",
    ),
    (
        "the reverse derivative goes forwards",
        "f.dom.tangent, (Pullback(f),)",
        "f.dom.tangent, (Pushforward(f),)",
        "rd3 rd5",
    ),
    (
        "the reverse derivative forgets the last wire",
        "return back(xs[n:])",
        "return (*back(xs[n:])[:-1], *(w.zeros() for w in self.f.dom.tangent.wires[-1:]))",
        "rd3 reverse_copy",
    ),
    (
        "the reverse derivative is twice too large",
        "return back(xs[n:])",
        "return jax.tree.map(lambda dx: 2 * dx, back(xs[n:]))",
        "rd3 rd5",
    ),
    (
        "the way back is not additive",
        "return back(xs[n:])",
        "return jax.tree.map(lambda dx: dx + 1, back(xs[n:]))",
        "rd2 rd3",
    ),
    (
        "the forward derivative points the other way",
        "moving, xs[n:])",
        "moving, jax.tree.map(jnp.negative, xs[n:]))",
        "cd3 cd5",
    ),
    (
        "the forward derivative is taken at zero",
        "dom.join(m, rest)))[0], moving,",
        "dom.join(m, rest)))[0], jax.tree.map(jnp.zeros_like, moving),",
        "cd5 derived_forward",
    ),
    (
        "a loop runs once too often",
        "x, _: (run(self.path, x), None), xs, length=self.n)[0]",
        "x, _: (run(self.path, x), None), xs, length=self.n + 1)[0]",
        "power power_sum",
    ),
)

STACKS = _in(
    "categories.smooth",
    "Smooth",
    (
        "a fold takes the input for the parameter",
        "run(self.path, p + x)",
        "run(self.path, x + p)",
        "fold_unrolled",
    ),
    (
        "a fold goes from the last parameter to the first",
        "x, stack, length=self.n)[0]",
        "x, stack, length=self.n, reverse=True)[0]",
        "fold_unrolled",
    ),
    (
        "a stack begins with the last value",
        "for i in range(self.n)]",
        "for i in reversed(range(self.n))]",
        "fold_unrolled",
    ),
    (
        "values are stacked along the last axis",
        "jnp.stack(column)",
        "jnp.stack(column, axis=-1)",
        "mapped_unrolled",
    ),
    (
        "each row of a batch has parameters of its own",
        "(Mapped(f.path, len(shared), n),)",
        "(Mapped(f.path, 0, n),)",
        "mapped_unrolled batch_gradient",
    ),
    (
        "what a batch asks of its parameters is the mean",
        "axes, 0), axis_size=self.n)(common, each)",
        "axes, 0), axis_size=self.n)(jax.tree.map(lambda p: p / self.n + jax.lax.stop_gradient(p - p / self.n), common), each)",
        "batch_gradient",
    ),
)

LINEAR = _in(
    "categories.linear",
    "Linear",
    (
        "the transpose of a path runs forwards",
        "for part in reversed(path))",
        "for part in path)",
        "dagger_composite rd5",
    ),
    (
        "a matrix is its own transpose",
        "return Dense(self.cod, self.dom, self.matrix, not self.forward)",
        "return Dense(self.cod, self.dom, self.matrix, self.forward)",
        "dagger_composite own_derivative",
    ),
    (
        "merging takes the mean",
        "return jax.tree.map(jnp.add, xs[:half], xs[half:])",
        "return jax.tree.map(lambda x, y: (x + y) / 2, xs[:half], xs[half:])",
        "merge_monoid sum_by_biproduct",
    ),
    (
        "merging forgets its second half",
        "return jax.tree.map(jnp.add, xs[:half], xs[half:])",
        "return xs[:half]",
        "merge_monoid sum_by_biproduct",
    ),
    (
        "the transpose of a crossing is the crossing",
        "return Turn(self.m, self.n)",
        "return Turn(self.n, self.m)",
        "dagger_tensor",
    ),
    (
        "strands side by side are not transposed",
        "DirectSum(tuple(Strand(s.m, s.n, transpose(s.path)) for s in self.strands))",
        "DirectSum(tuple(Strand(s.m, s.n, s.path) for s in self.strands))",
        "dagger_tensor",
    ),
    (
        "the transpose of a sum forgets to transpose one side",
        "return Sum(transpose(self.f), transpose(self.g))",
        "return Sum(transpose(self.f), self.g)",
        "dagger_sum",
    ),
    (
        "the transpose of a loop runs the loop itself",
        "return Loop(transpose(self.path), self.n)",
        "return Loop(self.path, self.n)",
        "dagger_power",
    ),
)

THEORY = _in(
    "theory.category",
    "Smooth",
    (
        "a pair is crossed",
        "return self.then(self.copy(f.dom), self.tensor(f, g))",
        "return self.then(self.copy(f.dom), self.tensor(g, f))",
        "pair_first projections",
    ),
    (
        "the first projection is the second",
        "return self.tensor(self.id(x), self.discard(y))",
        "return self.tensor(self.discard(x), self.id(y))",
        "projections pair_first",
    ),
    (
        "a dagger is taken at one more than zero",
        "return self.then(at_zero, self.R(h), self.second(",
        "return self.then(at_zero, self.R(self.add(h, h)), self.second(",
        "derived_forward",
    ),
)

BIPRODUCTS = _in(
    "theory.category",
    "Linear",
    (
        "the reverse derivative of a linear map is the map",
        "return self.then(self.second(f.dom, f.cod), self.dagger(f))",
        "return self.then(self.second(f.dom, f.cod), f)",
        "own_derivative rd5",
    ),
    (
        "the derivative of a linear map looks at the point",
        "return self.then(self.second(f.dom, f.dom), f)",
        "return self.then(self.first(f.dom, f.dom), f)",
        "own_derivative cd3",
    ),
    (
        "injections are crossed",
        "return self.dagger(self.first(x, y))",
        "return self.dagger(self.second(y, x))",
        "inject_project project_inject",
    ),
)

LENSES = _in(
    "constructions.lens",
    "Lens(Smooth)",
    (
        "a lens comes back in the order in which it went",
        "for back in reversed(backs):",
        "for back in backs:",
        "lens_composite associativity",
    ),
    (
        "put sees the new value instead of the old",
        "lambda dys: C.apply(self.back, xs + dys)",
        "lambda dys: C.apply(self.back, C.apply(self.forward, xs) + dys)",
        "lens_composite associativity",
    ),
    (
        "a crossing of lenses comes back uncrossed",
        "return self.adapter(C.swap(x.fwd, y.fwd), C.swap(y.bwd, x.bwd))",
        "return self.adapter(C.swap(x.fwd, y.fwd), C.id(x.bwd @ y.bwd))",
        "swap_natural swap_involution",
    ),
    (
        "an adapter comes back by the input",
        "lambda dys: C.apply(self.back, dys)",
        "lambda dys: C.apply(self.back, xs)",
        "adapter_composite swap_natural",
    ),
    (
        "the ways back of two lenses side by side are crossed",
        "back_f(ds[:m]) + back_g(ds[m:])",
        "back_g(ds[m:]) + back_f(ds[:m])",
        "interchange whiskering",
    ),
    (
        "a composite of lenses forgets its first stages",
        "f.stages[:-1] + joined + g.stages[1:]",
        "joined + g.stages[1:]",
        "associativity chain",
    ),
    (
        "each stage runs on the first input",
        "xs, back = stage.run(xs)",
        "_, back = stage.run(xs)",
        "lens_composite lens_literal",
    ),
    (
        "the specification of put looks at the wrong side",
        "ahead = C.tensor(C.id(A), get, C.id(dC))",
        "ahead = C.tensor(get, C.id(A), C.id(dC))",
        "lens_literal",
    ),
)

REVERSE = _in(
    "constructions.reverse",
    "Lens(Smooth), lenses of derivatives",
    (
        "two reversed stages become the first",
        "return (Reversed(self.f >> after.f, self.moves),)",
        "return (Reversed(self.f, self.moves),)",
        "lens_composite associativity",
    ),
    (
        "a run comes back with twice the covector",
        "return ys, lambda dys: back(dys)",
        "return ys, lambda dys: back(tuple(2 * dy for dy in dys))",
        "lens_composite lens_literal",
    ),
)

PARA = _in(
    "constructions.para",
    "Para(Smooth)",
    (
        "a composite has the parameters of the later arrow first",
        "f.parameter @ g.parameter,",
        "g.parameter @ f.parameter,",
        "para_composite associativity",
    ),
    (
        "a stage gets its input before its parameter",
        "C.apply(stage.f, xs[i:j] + values), j",
        "C.apply(stage.f, values + xs[i:j]), j",
        "para_composite associativity",
    ),
    (
        "stages run from the last to the first",
        "for stage in self.stages:\n            j =",
        "for stage in self.stages[::-1]:\n            j =",
        "para_composite associativity",
    ),
    (
        "side by side the parameters are crossed",
        "C.then(apart, C.tensor(f.arrow, g.arrow))",
        "C.then(C.tensor(C.swap(P, Q), C.id(dom)), apart, C.tensor(f.arrow, g.arrow))",
        "tensor_associativity para_interchange",
    ),
    (
        "a reparametrisation acts on the input",
        "C.then(C.tensor(by, C.id(f.dom)), f.arrow)",
        "C.then(C.tensor(C.id(f.dom), by), f.arrow)",
        "reparametrise_composite reparametrise_then",
    ),
    (
        "2-cells compose backwards",
        "return TwoCell(c.source, d.target, d.by >> c.by)",
        "return TwoCell(c.source, d.target, c.by >> d.by)",
        "vertical_category middle_four",
    ),
    (
        "2-cells side by side are crossed",
        "return TwoCell(c.source >> d.source, c.target >> d.target, c.by @ d.by)",
        "return TwoCell(c.source >> d.source, c.target >> d.target, d.by @ c.by)",
        "horizontal_category middle_four",
    ),
    (
        "flip forgets to cross the wires",
        "C.then(C.swap(A, f.parameter), f.arrow)",
        "C.then(C.id(A @ f.parameter), f.arrow)",
        "flip_involution",
    ),
)

BATCHES = _in(
    "categories.smooth",
    "Batch(3), permuted",
    (
        "each row of a batch has a bias of its own",
        "return jax.vmap(each_run, in_axes=(axes, 0), axis_size=self.n)(common, each)",
        "return jax.vmap(lambda i, *xs: tuple(y + i for y in each_run(*xs)), in_axes=(0, axes, 0))(jnp.arange(float(self.n)), common, each)",
        "naturality",
    ),
)

OPTIMISERS = _in(
    "learn.optimise",
    "optimisers",
    (
        "gradient update goes against what comes back",
        "lambda p, d: p + (d if",
        "lambda p, d: p - (d if",
        "gradient_update_moves step_descends",
    ),
    (
        "momentum brakes",
        "lambda s, d: self.decay * s + d, s, dp)",
        "lambda s, d: -self.decay * s + d, s, dp)",
        "momentum_gathers",
    ),
    (
        "momentum moves by the request alone",
        "return s, each_wire(jnp.add, p, s)",
        "return s, each_wire(jnp.add, p, dp)",
        "momentum_gathers",
    ),
    (
        "Nesterov looks behind",
        "lambda s, p: p + self.decay * s, s, p)",
        "lambda s, p: p - self.decay * s, s, p)",
        "nesterov_looks_ahead",
    ),
)

LEARNERS = _in(
    "learn.optimise",
    "learners",
    (
        "sgd forgets its rate",
        "else self.rate * d), p, dp)",
        "else d), p, dp)",
        "rate_slides",
    ),
    (
        "Nesterov looks twice as far, and also without memory",
        "lambda s, p: p + self.decay * s, s, p)",
        "lambda s, p: p + (1 + self.decay) * s, s, p)",
        "momentum_without_memory",
    ),
)

ADAPTIVE = _in(
    "learn.adaptive",
    "optimisers",
    (
        "Adagrad does not gather",
        "lambda g, d: g + d * d, g, dp)",
        "lambda g, d: d * d, g, dp)",
        "adagrad_slows",
    ),
    (
        "RMSProp never forgets",
        "(1 - self.decay) * d**2 + self.decay * g",
        "(1 - self.decay) * d**2 + g",
        "rmsprop_forgets",
    ),
    (
        "Adam keeps its bias",
        "unbias1, unbias2 = 1 - self.beta1**steps, 1 - self.beta2**steps",
        "unbias1, unbias2 = 0 * steps + 1, 0 * steps + 1",
        "adam_is_unbiased",
    ),
    (
        "Adam keeps its corrected moment as its state, as printed in the paper",
        "return m + v + (t,), each_wire(moved, p, m, v)",
        "return each_wire(lambda m: m / unbias1, m) + v + (t,), each_wire(moved, p, m, v)",
        "adam_is_unbiased",
    ),
    (
        "weight decay makes weights grow",
        "step + (-self.decay) * p",
        "step + self.decay * p",
        "adamw_decays",
    ),
)

CAPS = _in(
    "learn.rate",
    "optimisers",
    (
        "the cap has the wrong sign",
        "jnp.full(x.shape, self.rate / x.size, x.dtype)",
        "jnp.full(x.shape, -self.rate / x.size, x.dtype)",
        "step_descends",
    ),
    (
        "a constant rate reads the loss",
        "jnp.full(x.shape, self.rate / x.size, x.dtype)",
        "x * (self.rate / x.size)",
        "step_descends",
    ),
)

MOVES = _in(
    "categories.smooth",
    "learners",
    (
        "the way back does not know which wires move",
        "if moves is None and f.dom.euclidean and f.cod.euclidean:",
        "if f.dom.euclidean and f.cod.euclidean:",
        "quadratic_step",
    ),
)

RATES = _in(
    "learn.rate",
    "learners",
    (
        "the cap of a batch is the sum and not the mean",
        "jnp.full(x.shape, self.rate / x.size, x.dtype)",
        "jnp.full(x.shape, self.rate, x.dtype)",
        "batch_halves",
    ),
    (
        "the cap looks at how large the loss is",
        "jnp.full(x.shape, self.rate / x.size, x.dtype)",
        "self.rate / x.size * (1 + x)",
        "loss_value_unread quadratic_step",
    ),
)

LOSSES = _in(
    "learn.loss",
    "optimisers",
    (
        "the quadratic loss is not halved",
        "0.5 * jnp.sum((prediction - label) ** 2)",
        "1.0 * jnp.sum((prediction - label) ** 2)",
        "quadratic_requests",
    ),
    (
        "the two requests of the quadratic loss are exchanged, as printed in the paper",
        "0.5 * jnp.sum((prediction - label) ** 2)",
        "-0.5 * jnp.sum((prediction - label) ** 2)",
        "quadratic_requests",
    ),
    (
        "cross-entropy measures the label against the logits, as printed in the paper",
        "-jnp.sum(label * jax.nn.log_softmax(logits))",
        "jnp.sum(label * (logits - jax.nn.log_softmax(logits)))",
        "cross_entropy_requests",
    ),
    (
        "the dot product forgets the label",
        "jnp.sum(label * prediction)",
        "jnp.sum(jax.lax.stop_gradient(label) * prediction)",
        "requests_of_dot",
    ),
)

FAULTS = (
    *(*PATHS, *SMOOTH, *STACKS, *LINEAR, *THEORY, *BIPRODUCTS, *LENSES, *REVERSE, *PARA, *BATCHES),
    *(*OPTIMISERS, *LEARNERS, *ADAPTIVE, *CAPS, *MOVES, *RATES, *LOSSES),
)
