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
)

DIFFERENTIAL = _in(
    "theory.differential",
    "Smooth",
    (
        "a dagger is taken at one more than zero",
        "return self.then(at_zero, self.R(h), self.second(",
        "return self.then(at_zero, self.R(self.add(h, h)), self.second(",
        "derived_forward",
    ),
)

BIPRODUCTS = _in(
    "theory.biproduct",
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
        "return self.tensor(self.id(x), self.create(y))",
        "return self.tensor(self.create(x), self.id(y))",
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

STEPS = _in(
    "learn.optimise",
    "learning steps",
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
    "learning steps",
    (
        "the way back does not know which wires move",
        "if moves is None and f.dom.euclidean and f.cod.euclidean:",
        "if f.dom.euclidean and f.cod.euclidean:",
        "quadratic_step",
    ),
)

RATES = _in(
    "learn.rate",
    "learning steps",
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

CIRCUITS = _in(
    "constructions.circuit",
    "Circuits",
    (
        "and comes back uncrossed",
        "(y & d, x & d)",
        "(x & d, y & d)",
        "derived_forward reverse_is_dagger_of_forward",
    ),
    (
        "xor comes back to its first wire alone",
        "lambda x, y, d: (d, d)",
        "lambda x, y, d: (d, 0)",
        "reverse_sum rd1",
    ),
    (
        "where a wire was copied the last change wins",
        "changes[s] = _xor(changes[s], dx) if s in changes else dx",
        "changes[s] = dx",
        "rd4 reverse_copy",
    ),
    (
        "the direction of the second wire of and is forgotten",
        "(d & y) ^ (x & e)",
        "d & y",
        "derived_forward",
    ),
    (
        "circuits are added by or",
        "tuple(map(_xor, self.apply(f, xs), self.apply(g, xs)))",
        "tuple(map(lambda x, y: (Bit(x) | Bit(y)).symbol, self.apply(f, xs), self.apply(g, xs)))",
        "rd1 rd4 reverse_sum",
    ),
)

LEARNERS = _in(
    "constructions.learner",
    "Learn(Smooth)",
    (
        "every learner of a chain is trained on the last target",
        "p, ys = answer(ys)",
        "p, _ = answer(ys)",
        "learner_composite learner_literal",
    ),
    (
        "new parameters come back in the opposite order",
        "for p in reversed(moved) for value in p",
        "for p in moved for value in p",
        "learner_composite learner_literal",
    ),
    (
        "the crossing requests its target uncrossed",
        "return self.adapter(self.base.swap(x, y), self.base.swap(y, x))",
        "return self.adapter(self.base.swap(x, y), self.base.swap(x, y))",
        "learner_swap learner_swap_natural",
    ),
    (
        "what is side by side exchanges its requests",
        "return p + q, a + c",
        "return p + q, c + a",
        "learner_tensor learner_whiskering",
    ),
)

GRADIENTS = _in(
    "learn.backprop",
    "L, quadratic error",
    (
        "the request is a step as long as the rate",
        "self.error.solve(xs, gradient[len(ps) :])",
        "self.error.solve(xs, each_wire(lambda d: self.rate * d, gradient[len(ps) :]))",
        "functor_composite functor_identity",
    ),
)

DESCENTS = _in(
    "learn.backprop",
    "learners by gradients",
    (
        "a learner climbs",
        "p - self.rate * d, ps, gradient",
        "p + self.rate * d, ps, gradient",
        "learner_gradients update_is_supervised_step",
    ),
)

SLOPES = _in(
    "learn.scalar_error",
    "L, hyperbolic error",
    (
        "the slope is taken in the label",
        "_each_entry(jax.grad(error.e), x, y)",
        "_each_entry(jax.grad(error.e, 1), x, y)",
        "functor_composite functor_identity",
    ),
)

NETWORKS = _in(
    "learn.nnet",
    "NNet → Para(Smooth)",
    (
        "layers are put in front",
        "f.layers + g.layers",
        "g.layers + f.layers",
        "functor_composite",
    ),
)

POLYNOMIALS = _in(
    "categories.polynomial",
    "Poly(N)",
    (
        "the derivative forgets the exponent",
        "rig.natural(e) * c",
        "c",
        "rd6 derived_forward round_trip",
    ),
    (
        "of two terms with one monomial the last is kept",
        "terms[m] = terms[m] + c if m in terms else c",
        "terms[m] = c",
        "add_commutative",
    ),
)

POLY = _in(
    "categories.poly",
    "Poly(N)",
    (
        "polynomials side by side share their variables",
        "p.shift(dimension(f.dom)) for p",
        "p.shift(0) for p",
        "interchange swap_natural whiskering",
    ),
    (
        "covectors are read backwards",
        "w = variables(self.rig, n + dimension(f.cod))[n:]",
        "w = variables(self.rig, n + dimension(f.cod))[n:][::-1]",
        "rd3 rd4 reverse_copy",
    ),
    (
        "a value that is a polynomial is squared",
        "lifted = [c if isinstance(c, Polynomial)",
        "lifted = [c * c if isinstance(c, Polynomial)",
        "pull_is_reverse",
    ),
)

MATRICES = _in(
    "categories.mat",
    "Mat(Q(i), conjugation)",
    (
        "the dagger forgets to conjugate",
        "self.involution(f.entries).T",
        "f.entries.T",
        "reverse_from_transposition",
    ),
    (
        "blocks stand on the other diagonal",
        "beside(f.entries, upper), beside(lower, g.entries)",
        "beside(upper, f.entries), beside(g.entries, lower)",
        "swap_natural pair_first tensor_identity",
    ),
)

RIGS = _in(
    "objects.rigs",
    "FinRel",
    (
        "or is exclusive",
        "return a | b",
        "return a ^ b",
        "rig_idempotent",
    ),
)

CONTEXTS = _in(
    "constructions.context",
    "LinearInContext(Poly(N), Dim(2))",
    (
        "the second of two side by side is in the context zero",
        "shared = C.tensor(C.copy(X), C.id(f.dom @ g.dom))",
        "shared = C.tensor(C.pair(C.id(X), C.zero(X, X)), C.id(f.dom @ g.dom))",
        "swap_natural",
    ),
    (
        "a composite takes its second step in the context zero",
        "C.pair(C.first(self.context, f.dom), f.arrow)",
        "C.pair(C.zero(self.context @ f.dom, self.context), f.arrow)",
        "left_identity",
    ),
)

PULLS = _in(
    "theory.differential",
    "Poly(N)",
    (
        "the way back goes to the wires that are not marked",
        "marks = [m for i, m in enumerate(moves)",
        "marks = [not m for i, m in enumerate(moves)",
        "pull_is_reverse",
    ),
)

SYMMETRIC = _in(
    "constructions.hypergraph",
    "FreeSymmetric",
    (
        "closed parts are compared in the order in which they were made",
        "frozenset(closed.items())",
        "tuple(closed.items())",
        "swap_natural whiskering",
    ),
    (
        "uses are numbered as they were made",
        "numbers = wires.walk([*wires.before, *wires.after])",
        "numbers = {use: i for i, use in enumerate(graph.uses)}",
        "interchange swap_natural whiskering",
    ),
)

GRAPHS = _in(
    "constructions.graph",
    "FreeMarkov",
    (
        "what is beside gets the first symbols",
        "(yield _run(second, xs[n:], use))",
        "(yield _run(second, xs[: len(xs) - n], use))",
        "whiskering copy_tensor",
    ),
    (
        "a graph remembers how it was made",
        "return Graph(self.inputs, tuple(placed), self.outputs)",
        "return Graph(self.inputs, self.uses or tuple(placed), self.outputs)",
        "interchange swap_natural whiskering",
    ),
)

FREE = _in(
    "constructions.free",
    "FreeCartesian",
    (
        "equal boxes on equal symbols are two",
        "return graph_of(f.formula, len(f.dom), shared).needed()",
        "return graph_of(f.formula, len(f.dom)).needed()",
        "copy_natural pair_natural",
    ),
    (
        "a formal swap moves as many letters as the second object has",
        "(Swap(len(x)),)",
        "(Swap(len(y)),)",
        "swap_natural hexagon",
    ),
)

MEANINGS = _in(
    "constructions.interpretation",
    "meaning in Smooth",
    (
        "what is side by side is interpreted upside down",
        "arrows.append(arrow)",
        "arrows.insert(0, arrow)",
        "functor_tensor",
    ),
    (
        "a swap is interpreted the other way round",
        "(self.ob(x[:n]), self.ob(x[n:]))",
        "(self.ob(x[n:]), self.ob(x[:n]))",
        "functor_swap",
    ),
)

ADDITIVE = _in(
    "categories.additive",
    "AddFn",
    (
        "of two values at one wire the later one stays",
        "placed[i] = jax.tree.map(jnp.add, placed[i], x) if i in placed else x",
        "placed[i] = x",
        "place",
    ),
    (
        "merging functions forgets the second half",
        "return jax.tree.map(jnp.add, xs[:half], xs[half:])",
        "return xs[:half]",
        "merge_monoid sum_by_biproduct",
    ),
)

COPAIRS = _in(
    "theory.biproduct",
    "AddFn",
    (
        "a copair is crossed",
        "return self.then(self.tensor(f, g), self.merge(f.cod))",
        "return self.then(self.tensor(g, f), self.merge(f.cod))",
        "copair_merge copair_first",
    ),
)

DUALS = _in(
    "constructions.dual",
    "Dual(AddFn)",
    (
        "a chain of duals runs forwards",
        "tuple(f.arrow for f in reversed(arrows))",
        "tuple(f.arrow for f in arrows)",
        "left_additive merge_natural",
    ),
    (
        "duals side by side are crossed",
        "return self.dual(self.base._tensor(f.arrow, g.arrow))",
        "return self.dual(self.base._tensor(g.arrow, f.arrow))",
        "copair_merge",
    ),
)

CONTINUATIONS = _in(
    "constructions.cont",
    "AsDual",
    (
        "a crossing of continuations is uncrossed",
        "return h.category._copair(second, first)",
        "return h.category._copair(first, second)",
        "functor_swap",
    ),
    (
        "what comes back through a copy is lost on one side",
        "return h.category._add(*unjoin(h, len(h.dom) // 2))",
        "return unjoin(h, len(h.dom) // 2)[0]",
        "functor_copy",
    ),
)

DERIVATIVES = _in(
    "constructions.gad_stage",
    "Derive(Dual(AddFn))",
    (
        "derivatives compose from the last",
        "f.base._chain(tuple(derivatives))",
        "f.base._chain(tuple(derivatives[::-1]))",
        "functor_composite functor_sum",
    ),
    (
        "each stage is differentiated at the first point",
        "xs, derivative = stage(xs)\n",
        "xs, derivative = stage(xs)[0], stage(jax.tree.map(jnp.zeros_like, xs))[1]\n",
        "functor_composite",
    ),
)

TRACES = _in(
    "front.trace",
    "Retrace",
    (
        "an equation takes its inputs from the last",
        "_operation(equation, within)), tuple(symbols))",
        "_operation(equation, within)), tuple(symbols[::-1]))",
        "functor_composite functor_tensor",
    ),
    (
        "the first input is every input",
        "for s in tracing.opened(dom[i], i)]",
        "for s in tracing.opened(dom[i], 0)]",
        "functor_tensor",
    ),
)

ENCLOSURES = (
    *_in(
        "front.enclose_numbers",
        "Enclose",
        (
            "a sum of intervals mixes their ends",
            "lower, upper = x.lower + y.lower, x.upper + y.upper",
            "lower, upper = x.upper + y.lower, x.upper + y.upper",
            "enclosed",
        ),
        (
            "a product looks at ends of one kind only",
            "for a in (x.lower, x.upper) for b in (y.lower, y.upper)]",
            "for a, b in ((x.lower, y.lower), (x.upper, y.upper))]",
            "enclosed",
        ),
    ),
    *_in(
        "front.enclose_arrays",
        "Enclose",
        (
            "a product of matrices is as wide as its first factor",
            "radius = b(jnp.abs(mx), ry) + b(rx, jnp.abs(my) + ry)",
            "radius = b(rx, jnp.abs(my) + ry)",
            "enclosed",
        ),
    ),
    *_in(
        "front.rounding",
        "Enclose",
        (
            "results are rounded inward",
            "return Interval(down(lower, ulps, slack), up(upper, ulps, slack))",
            "return Interval(up(lower, ulps, slack), down(upper, ulps, slack))",
            "enclosed",
        ),
    ),
)

COSTS = _in(
    "front.counting",
    "Counting",
    (
        "a composite forgets its first part",
        "*(f.counts for f in arrows)",
        "*(f.counts for f in arrows[1:] or arrows)",
        "right_identity",
    ),
    (
        "a long composite forgets its last part",
        "*(f.counts for f in arrows)",
        "*(f.counts for f in arrows[:-1] or arrows)",
        "left_identity",
    ),
)

TABLES = (
    *_in(
        "categories.tables",
        "FinStoch(Q)",
        (
            "a copy is right in one of its places",
            "same[:, :, None] & same[:, None, :]",
            "same[:, :, None] | same[:, None, :]",
            "copy_unital copy_associative",
        ),
        (
            "a crossing of tables crosses nothing",
            ".transpose(0, 1, 3, 2)",
            ".transpose(0, 1, 2, 3)",
            "swap_natural copy_tensor",
        ),
        (
            "a pair of tables exchanges its parts",
            "f.matrix[:, :, None], g.matrix[:, None, :]",
            "f.matrix[:, None, :], g.matrix[:, :, None]",
            "pair_first pair_second projections",
        ),
    ),
    *_in(
        "categories.rel",
        "Rel",
        (
            "the converse is the relation itself",
            "(*range(a, a + len(f.cod)), *range(a))",
            "(*range(a), *range(a, a + len(f.cod)))",
            "dagger_composite dagger_tensor",
        ),
        (
            "nothing is created",
            "np.ones(size(x), bool)",
            "np.zeros(size(x), bool)",
            "compare_monoid snake",
        ),
    ),
)

KERNELS = (
    *_in(
        "categories.finstoch",
        "FinStoch(Q)",
        (
            "where nothing falls is where something does",
            ".where(total == k.zero, free,",
            ".where(total != k.zero, free,",
            "conditional inverse inverse_recovers_prior",
        ),
        (
            "a conditional takes its inputs before what is given",
            "(*range(a, a + n), *range(a), *range(a + n, a + len(f.cod)))",
            "(*range(a), *range(a, a + n), *range(a + n, a + len(f.cod)))",
            "conditional",
        ),
        (
            "the prior divides where it should multiply",
            "weights = self.entries.multiply(p.matrix.T[None, :, :], c.matrix.T[:, :, None])",
            "weights = self.entries.divide(c.matrix.T[:, :, None], p.matrix.T[None, :, :])",
            "inverse inverse_recovers_prior inverse_involutive",
        ),
        (
            "a marginal keeps what it should sum over",
            "for i in (*wires, *rest)",
            "for i in (*rest, *wires)",
            "marginal",
        ),
        (
            "a joint state is that of two independent draws",
            "self.entries.multiply(p.matrix[:, :, None], f.matrix[None, :, :])",
            "self.entries.multiply(p.matrix[:, :, None], self._then(p, f).matrix[:, None, :])",
            "joint inverse",
        ),
        (
            "the retraction to a support forgets where it was",
            "back[kept] = np.arange(len(kept))",
            "back[kept] = 0",
            "support_split",
        ),
        (
            "every kernel is called deterministic",
            "self.entries.multiply(f.table, f.table), f.table, tol)",
            "f.table, f.table, tol)",
            "coisometry",
        ),
    ),
    *_in(
        "infer.independence",
        "FinStoch(Q)",
        (
            "what is independent is drawn from what it should be independent of",
            "len(given)) for wires in (xs, ys))",
            "len(given)) for wires in (xs, xs))",
            "independence_symmetric independence_contraction",
        ),
    ),
    *_in(
        "constructions.renumber",
        "support, fractions",
        (
            "what is not certain is possible",
            "asarray(table > 0, bool)",
            "asarray(table < 1, bool)",
            "functor_identity functor_copy",
        ),
    ),
)

SHARED = _in(
    "constructions.cokl",
    "CoKl(FinStoch(Q), Fin(2))",
    (
        "the second arrow takes its input for the draw",
        "C.then(self._keep(f), g.arrow))",
        "C.then(self._keep(f), C.swap(self.draw, f.cod), g.arrow) if self.draw == f.cod else C.then(self._keep(f), g.arrow))",
        "left_identity right_identity",
    ),
    (
        "the second strand sees the input of the first for the draw",
        "C.tensor(C.id(draw), C.swap(draw, f.dom), C.id(g.dom))",
        "C.tensor(C.id(draw), C.swap(draw, f.dom) if draw != f.dom else C.id(draw @ draw), C.id(g.dom))",
        "interchange swap_natural",
    ),
    (
        "what looks at no draw looks at nothing else",
        "C.tensor(C.discard(self.draw), f))",
        "C.tensor(f, C.discard(self.draw)) if f.dom == self.draw else C.tensor(C.discard(self.draw), f))",
        "left_identity right_identity",
    ),
)

PUSHED = _in(
    "constructions.cokl",
    "Push",
    (
        "a pushed arrow has one draw, copied",
        "laws = functools.reduce(M.tensor, (self.law,) * n, M.id(M.unit))",
        "laws = M.then(self.law, M.pick(self.law.cod, tuple(range(len(self.law.cod))) * n))",
        "functor_composite functor_tensor",
    ),
)

REALISED = _in(
    "constructions.cokl",
    "Realise",
    (
        "an arrow is realised at its input",
        "C.then(C.tensor(self.at, C.id(f.dom)), f.arrow)",
        "C.then(C.tensor(C.id(f.dom), self.at), f.arrow) if f.dom == f.draw else C.then(C.tensor(self.at, C.id(f.dom)), f.arrow)",
        "functor_identity functor_composite",
    ),
)

BAYESIAN = (
    *_in(
        "constructions.bayes",
        "Bayes(FinStoch(Q))",
        (
            "each part of a path is inverted at the first prior",
            "states.append(self.base.then(states[-1], factor.channel))",
            "states.append(states[-1])",
            "bayes_composite bayes_literal bayes_inversion associativity",
        ),
        (
            "a path starts again from the first prior at each part",
            "states.append(self.base.then(states[-1], factor.channel))",
            "states.append(self.base.then(states[0], factor.channel))",
            "bayes_literal",
        ),
        (
            "two lenses side by side are both inverted at the first marginal",
            "return self.f.base.tensor(self.f.at(p), self.g.at(q))",
            "return self.f.base.tensor(self.f.at(p), self.g.at(p))",
            "bayes_tensor interchange",
        ),
        (
            "a crossing of lenses is not crossed on the way back",
            "C.swap(y.bwd, x.bwd))",
            "C.swap(x.bwd, y.bwd))",
            "swap_involution hexagon",
        ),
        (
            "the marginal of the second part is that of the first wires",
            "marginal(joint, tuple(range(n, len(joint.cod))))",
            "marginal(joint, tuple(range(len(joint.cod) - n)))",
            "bayes_inversion_product",
        ),
    ),
    *_in(
        "constructions.inverter",
        "Bayes(FinStoch(Q))",
        (
            "an impossible observation is answered by the filler of the category",
            "bayes_inverse(channel, prior, otherwise=filled)",
            "bayes_inverse(channel, prior)",
            "bayes_filled_with_prior",
        ),
    ),
    *_in(
        "constructions.dependent",
        "Bayes(FinStoch(Q))",
        (
            "what comes back is inverted at what is predicted",
            "prior = way(prior), C.then(prior, channel)",
            "prior = way(C.then(prior, channel)), C.then(prior, channel)",
            "bayes_dependent",
        ),
    ),
    *_in(
        "constructions.copara",
        "Bayes(FinStoch(Q))",
        (
            "latents come back before causes",
            "order = (*range(a + m, a + m + b), *range(a + m))",
            "order = (*range(a + m, a + m + b), *range(a, a + m), *range(a))",
            "bayes_copy_composite",
        ),
    ),
)

CONDITIONED = (
    *_in(
        "constructions.cond",
        "Cond(FinStoch(Q))",
        (
            "a composite confuses what its parts have seen",
            "len(g.cod), self._beside(g.seen, f.seen))",
            "len(g.cod), self._beside(f.seen, g.seen))",
            "interchange associativity",
        ),
        (
            "a tensor returns what its first part has observed",
            "wires = C.tensor(C.id(f.cod), C.swap(f.hidden, g.cod), C.id(g.hidden))",
            "wires = C.id(f.cod @ f.hidden @ g.cod @ g.hidden)",
            "interchange whiskering",
        ),
        (
            "bottom observes what is the case",
            "C.tensor(self.conditioning.full(C, y), value))",
            "C.tensor(self.conditioning.full(C, y), other))",
            "bottom_absorbs",
        ),
        (
            "an observation is of the state that was drawn",
            "return Obs(o.cod, self.unit, o.cod, self.base.id(o.cod), o, self)",
            "return Obs(o.cod, self.unit, o.cod, self.base.then(self.base.discard(o.cod), o), o, self)",
            "observe_is_equate initialise",
        ),
    ),
    *_in(
        "constructions.conditioning_finite",
        "Cond(FinStoch(Q))",
        (
            "elements are compared to be different",
            "np.stack([~same, same], axis=1)",
            "np.stack([same, ~same], axis=1)",
            "tautology special observe_is_equate",
        ),
        (
            "what was wrong is kept as right",
            "xp.concatenate([wrong, right], axis=1)",
            "xp.concatenate([right, wrong], axis=1)",
            "initialise bottom_absorbs",
        ),
    ),
    *_in(
        "constructions.conditioning_gauss",
        "Cond(Gauss)",
        (
            "numbers are compared to be opposite",
            "np.concatenate([np.eye(n), -np.eye(n)], axis=1)",
            "np.concatenate([np.eye(n), np.eye(n)], axis=1)",
            "tautology substitution compare_keeps_either",
        ),
    ),
)

MACHINES = (
    *_in(
        "constructions.mealy",
        "Mealy(QuasiStoch(Z))",
        (
            "a composite confuses where its parts start",
            "X @ Z, C.tensor(f.start, g.start), step, self)\n\n    def _tensor",
            "X @ Z, C.tensor(g.start, f.start), step, self)\n\n    def _tensor",
            "interchange unrolled_composite",
        ),
        (
            "a composite feeds its second part the state for the input",
            "between = C.tensor(C.id(X), C.swap(f.cod, Z))",
            "between = C.id(X @ f.cod @ Z)",
            "left_identity unrolled_composite",
        ),
        (
            "a tensor feeds its first part the state of the second",
            "apart = C.tensor(C.id(X), C.swap(Z, f.dom), C.id(g.dom))",
            "apart = C.id(X @ Z @ f.dom @ g.dom)",
            "interchange unrolled_tensor",
        ),
        (
            "an unrolled machine writes its state and keeps its output",
            "step = C.then(self.step, C.swap(X, self.cod))",
            "step = self.step",
            "literal_steps slide",
        ),
    ),
)

GAUSSIANS = (
    *_in(
        "categories.noisy",
        "Gauss",
        (
            "swap leaves the coordinates where they are",
            "np.roll(np.arange(width(x @ y)), -width(x))",
            "np.arange(width(x @ y))",
            "swap_natural copy_tensor",
        ),
        (
            "copy repeats each coordinate at once",
            "np.tile(np.arange(width(x)), 2)",
            "np.repeat(np.arange(width(x)), 2)",
            "copy_tensor",
        ),
        (
            "the retraction to a support is not centred",
            "-basis.T @ p.mean",
            "basis.T @ p.mean",
            "support_split",
        ),
    ),
    *_in(
        "kernels.gaussian",
        "Gauss",
        (
            "the noise of the first map is forgotten",
            "compress(jnp.concatenate([moved[:, k + 1 :], b], axis=1))",
            "compress(b)",
            "right_identity conditional",
        ),
        (
            "a conditional adds what it should take away",
            "product(-gain, affine[given], affine[wanted])",
            "product(gain, affine[given], affine[wanted])",
            "conditional inverse",
        ),
    ),
    *_in(
        "kernels.semidefinite",
        "Gauss",
        (
            "what is known stays as noisy as it was",
            "left = factor - dot(dot(factor, basis), basis.T)",
            "left = factor",
            "conditional inverse_recovers_prior",
        ),
    ),
    *_in(
        "constructions.gaussian_functors",
        "Supp",
        (
            "the graph of a map is twice as steep",
            "jnp.eye(n, dtype=f.matrix.dtype), f.matrix]",
            "jnp.eye(n, dtype=f.matrix.dtype), 2 * f.matrix]",
            "functor_identity functor_composite",
        ),
    ),
    *_in(
        "categories.affinerel",
        "Supp",
        (
            "relations meet at opposite points",
            "jnp.eye(y, len(both), x) - jnp.eye(y, len(both), x + y)",
            "jnp.eye(y, len(both), x) + jnp.eye(y, len(both), x + y)",
            "functor_composite",
        ),
    ),
)

DIAGRAMS = (
    *_in(
        "infer.contraction",
        "Contraction",
        (
            "the largest of products stands for their sum",
            "xp.max(flat, axis=-1) if best else k.sum(flat, axis=len(kept))",
            "xp.max(flat, axis=-1) if gone else k.sum(flat, axis=len(kept))",
            "functor_composite",
        ),
    ),
    *_in(
        "infer.finite_network",
        "Contraction",
        (
            "outputs come in the order in which they are made",
            "tuple(every.index(v) for v in wanted)",
            "tuple(sorted(every.index(v) for v in wanted))",
            "functor_swap",
        ),
    ),
    *_in(
        "infer.contraction",
        "networks of two kernels",
        (
            "a posterior forgets what was seen of the variable itself",
            "law = k.multiply(weights, namespace(*above).concatenate(above))",
            "law = namespace(*above).concatenate(above)",
            "network_certain",
        ),
        (
            "evidence of probability zero is called possible",
            "log_of(k, found), found.root != k.zero",
            "log_of(k, found), found.root == found.root",
            "network_inverse",
        ),
    ),
    *_in(
        "infer.finite_network",
        "networks of two kernels",
        (
            "Jeffrey's update does not take away what was expected",
            "k.multiply(self.weights[part], k.divide(rho.table, now.table))",
            "k.multiply(self.weights[part], rho.table)",
            "network_jeffrey",
        ),
    ),
    *_in(
        "infer.findings",
        "networks of two kernels",
        (
            "what was seen is ruled out",
            "weights[part], weights[part.start + own] = k.zero, k.one",
            "weights[part], weights[part.start + own] = k.one, k.zero",
            "network_inverse network_certain",
        ),
    ),
    *_in(
        "infer.explanation",
        "networks of two kernels",
        (
            "the least probable values explain",
            "best = xp.argmax(",
            "best = xp.argmin(",
            "network_explanation",
        ),
    ),
)

MONTE_CARLO = (
    *_in(
        "infer.importance",
        "Monte Carlo",
        (
            "a weight forgets what was proposed",
            "return drawn, target - log_density(proposal, xs + ys, drawn)",
            "return drawn, target",
            "importance_of_inverse",
        ),
    ),
    *_in(
        "infer.particle",
        "Monte Carlo",
        (
            "the weights of a filter are not normalised",
            "return logs + factors - jnp.where(jnp.isfinite(total), total, 0.0), total",
            "return logs + factors, total",
            "filter_of_inverses",
        ),
        (
            "a step after resampling drops its increment",
            "return (points, logs), (points, logs, ancestors, increment)",
            "return (points, logs), (points, logs, ancestors, jnp.zeros_like(increment))",
            "filter_of_inverses",
        ),
        (
            "resampled draws weigh one each",
            "equal = kept - held - jnp.log(jnp.asarray(n, logs.dtype))",
            "equal = kept - held",
            "filter_of_inverses",
        ),
        (
            "a filter takes no weight for a likelihood of one",
            "total = logsumexp(logs + factors)",
            "total = jnp.nan_to_num(logsumexp(logs + factors), neginf=0.0)",
            "filter_of_inverses",
        ),
    ),
    *_in(
        "infer.weighted",
        "Monte Carlo",
        (
            "weights are laid end to end backwards",
            "ends = jnp.cumsum(weights)",
            "ends = jnp.cumsum(weights[::-1])",
            "resampling_unbiased",
        ),
    ),
)

HIDDEN = (
    *_in(
        "infer.finite_chain",
        "chains of fractions",
        (
            "the filter does not divide by what was seen",
            "a = k.divide(joint, mass)",
            "a = joint",
            "filtered_conditional evidence_entry",
        ),
        (
            "the backward pass does not divide by what was predicted",
            "along(k, k.divide(s, ahead), ",
            "along(k, s, ",
            "smoothed_conditional",
        ),
        (
            "the smoother forgets what was seen up to a step",
            "s = k.multiply(a, along(k,",
            "s = k.multiply(k.divide(a, a), along(k,",
            "smoothed_conditional",
        ),
    ),
    *_in(
        "infer.hmm",
        "chains in blocks",
        (
            "mass zero counts as one",
            "there = found.mass > m.rig.zero",
            "there = found.mass >= m.rig.zero",
            "evidence_entry",
        ),
        (
            "the units of an increment are dropped",
            "jnp.where(seen.seen, log + m.units[m.symbols], 0)",
            "jnp.where(seen.seen, log, 0)",
            "evidence_entry",
        ),
    ),
    *_in(
        "kernels.scan",
        "chains in blocks",
        (
            "a reverse scan exchanges its factors",
            "return _flipped(xs), lambda a, b: op(b, a)",
            "return _flipped(xs), lambda a, b: op(a, b)",
            "smoothed_conditional",
        ),
        (
            "a block starts where the one before it does",
            "entries = jax.vmap(action.apply, in_axes=(None, 0))(start, doubling(op, totals))",
            "entries = jax.vmap(lambda s, _: s, in_axes=(None, 0))(start, doubling(op, totals))",
            "filtered_conditional",
        ),
    ),
    *_in(
        "infer.hmm_paths",
        "chains of fractions",
        (
            "the best path ignores what was read",
            "here = m + readings[symbol]",
            "here = m",
            "best_path",
        ),
    ),
    *_in(
        "infer.rig_chain",
        "chains of fractions",
        (
            "a message back does not count what was seen",
            "return k.multiply(m.readings[x[1]], along(",
            "return k.multiply(m.readings[-1], along(",
            "paths_through_each_step",
        ),
    ),
)

FORWARDS = (
    *_in(
        "kernels.kalman",
        "Gaussian chains, covariance",
        (
            "an increment leaves the volume out",
            "density = lambda tilt: -0.5 * (kept.square + logs + tilt)",
            "density = lambda tilt: -0.5 * (kept.square + tilt)",
            "gauss_evidence",
        ),
        (
            "an absolute jitter makes everything possible",
            "swept = sweep(_symmetric(product(h, ph)) + step.error, cut)",
            "swept = sweep(_symmetric(product(h, ph)) + step.error + 1e-9 * jnp.eye(len(h), dtype=p.dtype), cut)",
            "gauss_evidence gauss_possible",
        ),
        (
            "the volume on a singular image is that of its pivots",
            "return following, (_tilt(others), ",
            "return following, (0 * _tilt(others), ",
            "gauss_evidence",
        ),
        (
            "the adjoint goes forwards",
            "r = apply(h.T, weights) + apply(left.T, r)",
            "r = apply(h.T, weights) + apply(left, r)",
            "gauss_smoothed",
        ),
        (
            "neighbours are as before the future was known",
            "cross = moved - product(moved, through)",
            "cross = moved",
            "gauss_neighbours",
        ),
        (
            "what was not seen is read all the same",
            "cut = jnp.where(seen, tol * (spread(h, variance) + error), jnp.inf)",
            "cut = tol * (spread(h, variance) + error)",
            "gauss_unseen",
        ),
    ),
    *_in(
        "infer.gauss_chain",
        "Gaussian chains, covariance",
        (
            "whatever was read could be",
            "ok = jnp.max(said.residual) <= support_tolerance(c.prior.factor, None)",
            "ok = jnp.max(said.residual) >= 0",
            "gauss_possible",
        ),
    ),
)

ACCURATE = (
    *_in(
        "kernels.kalman_root",
        "Gaussian chains, root",
        (
            "a reading that was not made is an equation",
            "off = lambda x: jnp.where(seen.reshape(-1, *(1,) * (x.ndim - 1)), x, 0)",
            "off = lambda x: x",
            "gauss_unseen",
        ),
        (
            "the density forgets how wide the support is",
            "jnp.log(2 * jnp.pi)) - log_volume(rows)",
            "jnp.log(2 * jnp.pi))",
            "gauss_evidence",
        ),
        (
            "what is left of the noise of a state given the next is dropped",
            "factor = compress(jnp.pad(jnp.concatenate([through, by.factor], axis=1), ((0, 0), (0, 1))))",
            "factor = compress(jnp.pad(jnp.concatenate([through, 0 * by.factor], axis=1), ((0, 0), (0, 1))))",
            "gauss_smoothed",
        ),
        (
            "equations are checked against no reading",
            "apart = residual(rows.parts.left, gap / rows.unit,",
            "apart = residual(rows.parts.left, 0 * gap / rows.unit,",
            "gauss_possible",
        ),
    ),
    *_in(
        "kernels.kalman_blocks",
        "Gaussian chains, short blocks",
        (
            "a block does not pull the state that it is given",
            "mean = dot(toward, m + dot(p, element.weights)) + element.offset",
            "mean = dot(toward, m) + element.offset",
            "gauss_filtered gauss_smoothed gauss_evidence",
        ),
        (
            "the noise of a block is that of its last step before it was read",
            "_symmetric(c - product(gain, ph.T)),",
            "_symmetric(c),",
            "gauss_filtered gauss_smoothed",
        ),
        (
            "what the future says is not carried back",
            "step.weights + apply(step.turn, r),",
            "step.weights + apply(0 * step.turn, r),",
            "gauss_smoothed",
        ),
    ),
)

FAULTS = (
    *(*PATHS, *SMOOTH, *STACKS, *LINEAR, *THEORY, *DIFFERENTIAL, *BIPRODUCTS, *LENSES, *REVERSE, *PARA, *BATCHES),
    *(*OPTIMISERS, *STEPS, *ADAPTIVE, *CAPS, *MOVES, *RATES, *LOSSES),
    *(*ADDITIVE, *COPAIRS, *DUALS, *CONTINUATIONS, *DERIVATIVES),
    *(*LEARNERS, *GRADIENTS, *DESCENTS, *SLOPES, *NETWORKS),
    *(*CIRCUITS, *SYMMETRIC, *GRAPHS, *FREE, *MEANINGS),
    *(*TRACES, *ENCLOSURES, *COSTS),
    *(*TABLES, *KERNELS),
    *GAUSSIANS,
    *MACHINES,
    *(*POLYNOMIALS, *POLY, *MATRICES, *RIGS, *CONTEXTS, *PULLS),
    *(*SHARED, *PUSHED, *REALISED),
    *CONDITIONED,
    *BAYESIAN,
    *MONTE_CARLO,
    *DIAGRAMS,
    *HIDDEN,
    *FORWARDS,
    *ACCURATE,
)
