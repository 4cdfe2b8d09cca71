"""Draws for chains of Gaussian maps, in each of the forms that compute them."""

import dataclasses

from ..infer import FORMS, Blocks, Form
from ..objects import R
from .draw import Draws
from .gaussian_draws import gauss

SCENES = ((R(2), R(2)),)


def _chains(name: str, form: Form) -> Draws:
    return dataclasses.replace(
        gauss, name=f"Gaussian chains, {name}", scenes=SCENES, declared={}, given={"form": form}, own_laws=False
    )


GAUSS_CHAINS = tuple(_chains(name, form) for name, form in {**FORMS["Gauss"], "short blocks": Blocks(1)}.items())
"""Those that are part of the report: one for each form, and one for blocks of a single step."""
