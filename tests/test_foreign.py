"""What acts on the arrows of a category refuses those of another: each operation, given an arrow from elsewhere."""

import pytest

from catlearn import (
    AddFn,
    Dim,
    Fin,
    FinStoch,
    Gauss,
    Linear,
    Mat,
    Mealy,
    Para,
    Poly,
    R,
    Rel,
    Smooth,
    jacobian,
    mealy,
    unit,
)
from catlearn.categories import AffineRel, ExtGauss
from catlearn.constructions import (
    Bayes,
    CoKl,
    Cond,
    D,
    DependentBayes,
    Extend,
    Families,
    FreeSymmetric,
    Include,
    LinearInContext,
    Mean,
    Packed,
    Polynomials,
    Stat,
    Supp,
    SuppExtended,
    ToGauss,
    ToSampled,
    Word,
    approximate,
    truth,
)
from catlearn.constructions.bayes import sampled_back
from catlearn.constructions.dependent import Dependent, supp
from catlearn.objects import Q
from catlearn.theory.errors import WrongCategory

ELSEWHERE = FreeSymmetric().generator("f", Word("X"), Word("X"))
COIN = Fin(2)
OWN, TOLD = FinStoch.id(COIN), FinStoch.discard(COIN)
P, MEALY, COND, STAT = Poly(Q), Mealy(FinStoch), Cond(FinStoch), Stat(FinStoch, COIN)
OPERATIONS = {
    # every category
    "then": lambda f: Smooth.then(f, Smooth.id(R())),
    "then, second": lambda f: Smooth.then(Smooth.id(R()), f),
    "power": lambda f: Smooth.power(f, 2),
    "tensor": lambda f: Smooth.tensor(f, Smooth.id(R())),
    "tensor, second": lambda f: Smooth.tensor(Smooth.id(R()), f),
    "pair": lambda f: Smooth.pair(f, Smooth.id(R())),
    "pair, second": lambda f: Smooth.pair(Smooth.id(R()), f),
    "add": lambda f: Smooth.add(f, Smooth.id(R())),
    "close": lambda f: Smooth.close(f, f),
    "close, second": lambda f: Smooth.close(Smooth.id(R()), f),
    # derivatives and biproducts
    "Smooth.D": Smooth.D,
    "Smooth.R": Smooth.R,
    "Poly.D": P.D,
    "Poly.R": P.R,
    "Poly.multilinear": P.multilinear,
    "is_linear": Smooth.is_linear,
    "is_linear_in_context": lambda f: Smooth.is_linear_in_context(f, unit),
    "context_dagger": lambda f: Smooth.context_dagger(f, unit),
    "copair": lambda f: Linear.copair(f, Linear.id(R())),
    "copair, second": lambda f: Linear.copair(Linear.id(R()), f),
    "Linear.dagger": Linear.dagger,
    "Mat.dagger": Mat(Q).dagger,
    "Rel.dagger": Rel.dagger,
    "AffineRel.dagger": AffineRel.dagger,
    "LinearInContext.dagger": LinearInContext(P, Dim(2)).dagger,
    "jacobian": jacobian,
    "D.of": D(AddFn).of,
    "D.bilinear": D(AddFn).bilinear,
    "Include": Include,
    # chance
    "marginal": lambda f: FinStoch.marginal(f, (0,)),
    "joint": lambda f: FinStoch.joint(f, OWN),
    "joint, second": lambda f: FinStoch.joint(OWN, f),
    "conditional": lambda f: FinStoch.conditional(f, 0),
    "conditional, otherwise": lambda f: FinStoch.conditional(OWN, 0, otherwise=f),
    "is_deterministic": FinStoch.is_deterministic,
    "FinStoch.support": FinStoch.support,
    "FinStoch.supported": FinStoch.supported,
    "Gauss.support": Gauss.support,
    "ExtGauss.support": ExtGauss.support,
    "Mean": Mean,
    "Extend": Extend,
    "Supp": Supp,
    "SuppExtended": SuppExtended,
    "ToGauss": ToGauss,
    "ToSampled": ToSampled(FinStoch),
    "CoKl.of": CoKl(Smooth, R()).of,
    "CoKl.lift": CoKl(Smooth, R()).lift,
    "Mealy.lift": MEALY.lift,
    "mealy, start": lambda f: mealy(f, OWN),
    "Families.lift": Families(FinStoch).lift,
    # conditioning and inversion
    "Cond.lift": COND.lift,
    "Cond.observe": COND.observe,
    "Cond.run": COND.run,
    "Cond.run, state": lambda f: COND.run(COND.id(COIN), f),
    "Cond.probe": COND.probe,
    "Stat.constant": STAT.constant,
    "Stat.reindex": lambda f: STAT.reindex(f, STAT.id(COIN)),
    "Stat.reindex, second": lambda f: STAT.reindex(OWN, f),
    "Stat.at": lambda f: STAT.id(COIN).at(f),
    "Bayes": Bayes(FinStoch),
    "approximate": lambda f: approximate(OWN, f),
    "sampled_back": lambda f: sampled_back(OWN, f),
    "DependentBayes": DependentBayes(FinStoch),
    "DependentBayes.lens": lambda f: DependentBayes(FinStoch).lens(
        Dependent(COIN, supp), Dependent(COIN, supp), f, supp
    ),
    # circuits and parameters
    "Para.lift": Para(Smooth).lift,
    "Polynomials": Polynomials,
    "Packed.of": Packed.of,
    "evaluate": truth.evaluate,
    "evaluate_each": lambda f: truth.evaluate_each(f, [[True]]),
    "truth_table": truth.truth_table,
    "is_safe": truth.is_safe,
}


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_an_arrow_from_elsewhere_is_refused(operation):
    with pytest.raises(WrongCategory, match=r"cannot use|expected"):
        operation(ELSEWHERE)
