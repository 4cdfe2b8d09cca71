"""The pictures that are kept in the repository, for pages that run nothing: the README and the tour.

uv run python docs/pictures.py            # draws them again; a test compares them with what is kept
"""

from pathlib import Path

from catlearn import Reverse, draw, laws, learn

FOLDER = Path(__file__).parent / "_static" / "pictures"
MODEL = learn.dense(64, 128) >> learn.relu(128) >> learn.dense(128, 10)
PICTURES = {
    "classifier": MODEL,
    "classifier-lens": Reverse(MODEL),
    "residual": learn.residual(learn.dense(8, 8) >> learn.tanh(8)),
    "copy-natural": laws.cartesian.copy_natural,
}


def drawn() -> dict[str, str]:
    """The text of each file, by name."""
    return {f"{name}.svg": draw.svg(x) for name, x in PICTURES.items()}


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in drawn().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
        print(FOLDER / name)
