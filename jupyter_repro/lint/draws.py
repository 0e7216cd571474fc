"""Which functions and classes draw random numbers, and which seed, by their full names."""

from __future__ import annotations

TITLES = {"random": "Python", "numpy": "NumPy", "torch": "PyTorch"}

DRAWS = {
    "random": frozenset(
        (
            *("betavariate", "binomialvariate", "choice", "choices", "expovariate", "gammavariate"),
            *("gauss", "getrandbits", "lognormvariate", "normalvariate", "paretovariate"),
            *("randbytes", "randint", "random", "randrange", "sample", "shuffle", "triangular"),
            *("uniform", "vonmisesvariate", "weibullvariate"),
        )
    ),
    "numpy.random": frozenset(
        (
            *("beta", "binomial", "bytes", "chisquare", "choice", "dirichlet", "exponential", "f"),
            *("gamma", "geometric", "gumbel", "hypergeometric", "laplace", "logistic", "lognormal"),
            *("logseries", "multinomial", "multivariate_normal", "negative_binomial"),
            *("noncentral_chisquare", "noncentral_f", "normal", "pareto", "permutation", "poisson"),
            *("power", "rand", "randint", "randn", "random", "random_integers", "random_sample"),
            *("ranf", "rayleigh", "sample", "shuffle", "standard_cauchy", "standard_exponential"),
            *("standard_gamma", "standard_normal", "standard_t", "triangular", "uniform"),
            *("vonmises", "wald", "weibull", "zipf"),
        )
    ),
    "torch": frozenset(
        (
            *("bernoulli", "multinomial", "normal", "poisson", "rand", "rand_like", "randint"),
            *("randint_like", "randn", "randn_like", "randperm"),
        )
    ),
    "torch.nn.init": frozenset(
        (
            *("kaiming_normal_", "kaiming_uniform_", "normal_", "orthogonal_", "sparse_"),
            *("trunc_normal_", "uniform_", "xavier_normal_", "xavier_uniform_"),
        )
    ),
}
"""Module → functions that draw from its library's global generator, unless they get a generator."""

LAYERS = frozenset(
    f"torch.nn.{name}"
    for name in (
        *("Bilinear", "Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d"),
        *("ConvTranspose3d", "Embedding", "EmbeddingBag", "GRU", "GRUCell", "LSTM", "LSTMCell"),
        *("Linear", "MultiheadAttention", "RNN", "RNNCell", "Transformer"),
        *("TransformerDecoderLayer", "TransformerEncoderLayer"),
    )
)
"""Layers that draw their first weights from PyTorch's global generator when they are made."""

FRESH = frozenset(
    (
        *("numpy.random.default_rng", "numpy.random.RandomState", "numpy.random.SeedSequence"),
        "random.Random",
    )
)
"""These take fresh entropy where they get no seed, whatever the global generators were given."""

GENERATORS = FRESH | {"torch.Generator", "torch.cuda.Generator", "numpy.random.Generator"}
"""Generators of their own: a seed that one of them gets counts for it alone."""

SEEDS: dict[str, tuple[str, ...]] = {
    "random.seed": ("random",),
    "numpy.random.seed": ("numpy",),
    "torch.manual_seed": ("torch",),
    "torch.random.manual_seed": ("torch",),
    "torch.default_generator.manual_seed": ("torch",),
    "tensorflow.keras.utils.set_random_seed": ("random", "numpy"),
    "tensorflow.random.set_seed": (),
    "tensorflow.random.set_random_seed": (),
    "tensorflow.set_random_seed": (),
    "cupy.random.seed": (),
}
"""Function → libraries whose global generators it seeds."""

CUDA_SEEDS = frozenset(("torch.cuda.manual_seed", "torch.cuda.manual_seed_all"))
"""These seed PyTorch on a GPU alone; where a draw happens is not known here."""
