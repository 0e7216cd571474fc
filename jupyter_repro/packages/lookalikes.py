"""Names that look like those of well-known packages, perhaps to exploit a typing error.

They are reported, never refused: a name close to a well-known one can be legitimate.
"""

from __future__ import annotations

import re

from packaging.utils import canonicalize_name

# Large, old or much used; short names are left out, since too many names are near to them
_WELL_KNOWN: frozenset[str] = frozenset(
    re.findall(
        r"\S+",
        """
accelerate aiohttp altair astropy beautifulsoup4 biopython bokeh boto3 catboost certifi click
cloudpickle cryptography cupy cython dask datasets django docker dvc fastai fastapi flask gensim
geopandas gymnasium h5py httpx huggingface-hub hydra-core imageio ipykernel ipython ipywidgets
jinja2 joblib jupyter jupyterlab jsonschema keras langchain lightgbm lightning matplotlib mlflow
mypy networkx nltk notebook numba numpy opencv openpyxl optuna packaging pandas paramiko pillow
plotly polars protobuf psutil psycopg2 pyarrow pydantic pygments pymongo pyspark pytest python
python-dateutil pytorch pytorch-lightning pyyaml pyzmq requests scikit-image scikit-learn scipy
seaborn selenium setuptools shapely simplejson spacy sqlalchemy statsmodels streamlit sympy
tensorboard tensorflow tokenizers torch torchaudio torchvision tornado tqdm transformers typing-
extensions urllib3 wandb werkzeug wheel xarray xgboost
""",
    )
)
_SHORTEST = 5

# Well-known themselves, though one letter from a different well-known name
_HONEST = frozenset(
    ["pyarrow", "pyqt", "dash", "flax", "torch", "numpy", "numba", "scipy", "pytest", "pyspark"]
)

_CONFUSED = {
    "python-numpy": "numpy",
    "python-pandas": "pandas",
    "sklearn": "scikit-learn",
    "python3-dateutil": "python-dateutil",
    "py-torch": "pytorch",
    "bs4": "beautifulsoup4",
    "pil": "pillow",
    "yaml": "pyyaml",
    "cv2": "opencv",
    "dateutil": "python-dateutil",
}


def looks_like(name: str) -> str | None:
    """Return the well-known name that a name could be mistaken for, or None.

    Examples
    --------
    >>> looks_like("reqeusts"), looks_like("requests"), looks_like("tensorfIow")
    ('requests', None, 'tensorflow')
    """
    plain = str(canonicalize_name(name))
    if plain in _WELL_KNOWN or plain in _HONEST:
        return None
    if plain in _CONFUSED:
        return _CONFUSED[plain]
    squeezed = _squeeze(name)
    for known in sorted(_WELL_KNOWN):
        if len(known) < _SHORTEST:
            continue
        if _squeeze(known) == squeezed or _is_near(plain, known):
            return known
    return None


def _squeeze(name: str) -> str:
    """Return a name with easily confused characters made equal."""
    text = name.replace("I", "l").lower().replace("0", "o").replace("1", "l").replace("rn", "m")
    return text.replace("-", "").replace("_", "").replace(".", "")


def _is_near(first: str, second: str) -> bool:
    """Return whether two names differ by one letter more, less or changed, or two swapped ones."""
    if abs(len(first) - len(second)) > 1:
        return False
    start = 0
    while start < min(len(first), len(second)) and first[start] == second[start]:
        start += 1
    rest, other = first[start:], second[start:]
    return (
        rest[1:] == other[1:]
        or rest[1:] == other
        or rest == other[1:]
        or (rest[:2] == other[1::-1] and rest[2:] == other[2:])
    )
