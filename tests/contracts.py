"""Which argument of which public function is of which kind."""

from __future__ import annotations

import inspect

import PIL.Image
import torch
from kinds import (
    AUTOENCODER,
    AXES,
    AXIS,
    BIAS,
    BINARY,
    CODE,
    CODES,
    COUNT,
    DIGITS,
    IMAGE,
    IMAGES,
    LABELS,
    LATENT,
    LIKELIHOOD,
    LOGITS,
    LOSS,
    MASK,
    MODEL,
    NAME,
    NO_ROW,
    NOT_NAMED,
    NUMBERS,
    PCA,
    PICTURES,
    POINTS,
    POSITIVE,
    SCORES,
    SEED,
    SHARE,
    TENSOR,
    TRANSFORM,
    TWO_OR_MORE,
    VAE,
    VARIANCE,
    WEIGHT,
    WIDTHS,
    Kind,
    Own,
    X,
)

import vae_helpers as vh
from vae_helpers.importance import log_normal

ROOMS = (
    "data",
    "models",
    "losses",
    "importance",
    "training",
    "latent",
    "plots",
    "pretrained",
    "successors",
    "applications",
    "widgets",
)
NOT_CALLED = {  # records, and classes that only the package builds or a subclass
    "data.Split", "data.MNIST", "training.History", "training.Scores",
    "plots.Plot", "models.PixelBias", "widgets.PagePanel", "widgets.Snapshots", "widgets.TrainingFilm",
}  # fmt: skip


def public():
    """{"room.name": function or class} of all that a reader may call: what the top and the rooms list, or define."""
    found = [getattr(vh, name) for name in vh.__all__]
    for room in (getattr(vh, room) for room in ROOMS):
        listed = getattr(room, "__all__", None)
        own = [value for value in vars(room).values() if getattr(value, "__module__", None) == room.__name__]
        found += own if listed is None else [getattr(room, name) for name in listed]
    called = [value for value in found if inspect.isroutine(value) or inspect.isclass(value)]
    called = [value for value in called if not value.__name__.startswith("_")]
    return {f"{value.__module__.split('.')[1]}.{value.__name__}": value for value in called}


ANY_WIDTH = CODES.only("one code", "a stack", "no width", "NaN", "infinite", "integers", "none", "a list", "nothing")
ANY_WIDTH = ANY_WIDTH.also(as_few_as_components=CODES.good[:2])
MIXTURE = vh.MixtureVAE(2, (8,), components=2)
MODELS = vh.Autoencoder(2, (8,)), vh.VAE(2, (8,)), vh.ConvVAE(2, 4)
CONDITIONAL, VAMP, VQ = (
    vh.successors.ConditionalVAE(2, 8),
    vh.successors.VampVAE(2, (8,), 4),
    vh.successors.VectorQuantizedVAE(4, 8, 4),
)
WRITER, DENOISER = vh.successors.CodePrior(4, 8, 8), vh.successors.Denoiser(2, 8, 1)
GRID = Kind(
    torch.arange(98).view(2, 7, 7) % 4,
    {
        "no grid": torch.zeros(2, 49, dtype=torch.int64),
        "floats": torch.zeros(2, 7, 7),
        "too large": torch.full((2, 7, 7), 5),
        "negative": torch.full((2, 7, 7), -1),
        "none": torch.zeros(0, 7, 7, dtype=torch.int64),
        "a list": [[0] * 49],
        "nothing": None,
    },
)
FLOATS = {"float64": X.double(), **PICTURES.bad}  # for a model in float32
METHODS = {
    "Reader.read": vh.successors.Reader(8).read,
    "ConditionalVAE.encode": CONDITIONAL.encode,
    "ConditionalVAE.decode": CONDITIONAL.decode,
    "VampVAE.start_at": VAMP.start_at,
    "VampVAE.log_prior": VAMP.log_prior,
    "VampVAE.sample_prior": VAMP.sample_prior,
    "VectorQuantizedVAE.encode": VQ.encode,
    "VectorQuantizedVAE.decode": VQ.decode,
    "CodePrior.nll": WRITER.nll,
    "CodePrior.sample": WRITER.sample,
    "Denoiser.forward": DENOISER.forward,
    "conditional_elbo": vh.successors.conditional.conditional_elbo,
    "vq_loss": vh.successors.discrete.vq_loss,
    "vamp_elbo": vh.successors.vampprior.vamp_elbo,
    "LatentPCA.fit": vh.LatentPCA().fit,
    "LatentPCA.transform": PCA.good.transform,
    "LatentPCA.inverse_transform": PCA.good.inverse_transform,
    **{f"{type(model).__name__}.encode": model.encode for model in MODELS},
    **{f"{type(model).__name__}.decode": model.decode for model in MODELS},
    "NegativeELBO()": vh.NegativeELBO(),
    "SquaredError()": vh.SquaredError(),
    "ImportanceWeighted()": vh.ImportanceWeighted(2),
    "MixtureVAE.log_prior": MIXTURE.log_prior,
    "MixtureVAE.fit_prior": MIXTURE.fit_prior,
}
FUNCTIONS = public() | METHODS


PRIOR = Kind(log_normal, {"one number a latent": lambda z: z, "a word": "normal", "None": None})
DOUBLES = LATENT.also(float64=LATENT.good.double(), integers=LATENT.good.long())
MEASURE = {"model": VAE, "images": IMAGES}
BOUND = {**MEASURE, "likelihood": LIKELIHOOD}
INPAINT = {**MEASURE, "seen": MASK, "steps": COUNT}

TABLE = {
    "_setup.setup": {},
    "data.load_mnist": {"source": Kind("sample", {"another": "tiny", "a number": 1})},
    "data.data_dir": {},
    "data.binarize": {"images": IMAGES, "seed": SEED},
    "models.Autoencoder": {"latent_dim": COUNT, "hidden_dims": WIDTHS},
    "models.VAE": {"latent_dim": COUNT, "hidden_dims": WIDTHS},
    "models.MixtureVAE": {"latent_dim": COUNT, "hidden_dims": WIDTHS, "components": COUNT},
    "models.ConvVAE": {"latent_dim": COUNT, "channels": COUNT, "layers": COUNT},
    "losses.squared_error": {"pixels": TENSOR, "x": TENSOR},
    "losses.bernoulli_nll": {"logits": LOGITS, "x": TENSOR},
    "losses.gaussian_nll": {"pixels": TENSOR, "x": TENSOR, "variance": VARIANCE},
    "losses.pixel_entropy": {"images": IMAGES},
    "losses.gaussian_kl": {"mu": LATENT, "logvar": LATENT, "prior_mu": NUMBERS, "prior_logvar": NUMBERS},
    "losses.gaussian_kl_per_dimension": {"mu": LATENT, "logvar": LATENT, "prior_mu": NUMBERS, "prior_logvar": NUMBERS},
    "losses.reparameterize": {"mu": LATENT, "logvar": LATENT},
    "losses.nll_per_image": {"likelihood": LIKELIHOOD, "logits": LOGITS, "x": TENSOR},
    "losses.elbo_terms": {"model": VAE, "x": PICTURES, "likelihood": LIKELIHOOD},
    "losses.check_likelihood": {"likelihood": Kind(vh.bernoulli_nll, {"a word": "gaussian", "None": None})},
    "losses.NegativeELBO": {
        "beta": WEIGHT,
        "free_bits": WEIGHT,
        "kl_warmup": SHARE,
        "likelihood": Kind(vh.bernoulli_nll, {"a word": "gaussian"}),
    },
    "losses.SquaredError": {},
    "losses.elbo": BOUND,
    "importance.log_normal": {
        "z": CODES.only("one code", "a stack", "a list", "nothing"),
        "mu": NUMBERS,
        "logvar": NUMBERS,
    },
    "importance.log_weights": {
        "model": VAE,
        "x": PICTURES,
        "samples": COUNT,
        "likelihood": LIKELIHOOD,
        "prior": PRIOR,
    },
    "importance.ImportanceWeighted": {
        "samples": COUNT,
        "likelihood": Kind(vh.bernoulli_nll, {"a word": "gaussian"}),
        "prior": PRIOR.only("a word", "None"),
    },
    "importance.iwae_bound": {
        **BOUND,
        "samples": COUNT,
        "seed": SEED,
        "prior": PRIOR,
    },
    "training.fit": {
        "model": VAE,
        "images": IMAGES,
        "epochs": COUNT,
        "batch_size": COUNT,
        "lr": POSITIVE,
        "labels": Kind(None, LABELS.bad),
        "transform": TRANSFORM,
        "loss": LOSS,
        "seed": SEED,
        "progress": Kind(False),
    },
    "training.lr_schedule": {"progress": WEIGHT},
    "training.start_at_mean": {"bias": BIAS, "images": IMAGES},
    "training.evaluate": {**BOUND, "model": MODEL, "seed": SEED},
    "latent.encode_mean": {"model": MODEL, "images": IMAGES},
    "latent.decode": {"model": MODEL, "codes": CODES},
    "latent.kl_per_dimension": MEASURE,
    "latent.active_units": {"model": MODEL, "images": IMAGES.also(one=X[:1]), "threshold": WEIGHT},
    "latent.aggregate_posterior": {**MEASURE, "count": COUNT, "seed": SEED},
    "latent.LatentPCA": {},
    "latent.interpolate": {"start": CODE, "end": CODE, "steps": COUNT},
    "latent.traverse": {
        "code": CODE,
        "dimension": Kind(
            1, {"too large": 2, "negative": -1, "a float": 0.5, "a bool": True, "a tensor": X, "None": None}
        ),
        "values": AXIS,
    },
    "latent.step_sizes": {"images": IMAGES},
    "latent.plane_grid": {"xs": AXIS, "ys": AXIS},
    "latent.prior_quantiles": {"count": COUNT},
    "latent.largest_hole": {"codes": CODES, "steps": COUNT},
    "latent.share_in_holes": {"samples": CODES, "codes": CODES.also(one=CODES.good[:1])},
    "latent.count_neighbors": {"points": LATENT, "codes": CODES, "radius": WEIGHT},
    "plots.use_style": {},
    "plots.small_png": {"picture": Kind(PIL.Image.new("RGB", (4, 4)))},
    "plots.figure": {
        "alt": Kind("a line", {"empty": " ", "None": None}),
        "rows": COUNT,
        "columns": COUNT,
    },
    "plots.image_rows": {
        "rows": PICTURES.named(X).also(unequal={"first": X, "second": X[:2]}, **NOT_NAMED),
        "titles": Kind(list("abcdefgh"), {"too few": ["a"], "a number": 8, "a tensor": X, "of tensors": torch.ones(3)}),
    },
    "plots.image_grid": {"images": PICTURES, "columns": COUNT},
    "plots.latent_scatter": {"codes": CODES, "labels": DIGITS, "most": COUNT, "ax": AXES},
    "plots.decoded_plane": {
        "images": PICTURES.also(another_number=X[:3]),
        "xs": Kind([0.0, 1.0, 2.0, 3.0], {"too few": [0.0], **NO_ROW}),
        "ys": Kind([0.0, 1.0], {"too many": [0.0, 1.0, 2.0], **NO_ROW}),
        "ax": AXES,
    },
    "plots.rate_distortion": {
        "runs": SCORES.also(**NOT_NAMED, of_a_model={"one": Own()}),
        "floor": Kind(50.0, WEIGHT.bad),
        "no_code": Kind(200.0, WEIGHT.bad),
        "ax": AXES,
    },
    "plots.show_image": {
        "ax": Kind(vh.figure("an image")[1], AXES.bad | {"None": None}),
        "image": Kind(X[0], {"two": X[:2], "a row": X[0].flatten(), "a word": "seven", "None": None}),
    },
    "plots.mosaic": {
        "images": PICTURES.only("no channel", "three channels", "in a row", "32 x 32", "nothing"),
        "columns": COUNT,
    },
    "plots.as_array": {"values": Kind(X)},
    "pretrained.load_pretrained": {"name": NAME.also(a_list=["vae2"], an_array=X.numpy())},
    "pretrained.list_pretrained": {},
    "pretrained.model_card": {"name": NAME},
    "pretrained.load_comparison": {},
    "pretrained.load_scoreboard": {},
    "pretrained.checksum": {"text": Kind("words"), "weights": Kind({"weight": X})},
    "applications.compressed_bits": {"images": BINARY},
    "applications.context_bits": {"images": BINARY},
    "applications.anomaly_scores": {**MEASURE, "seed": SEED},
    "applications.ood_images": {"images": IMAGES, "seed": SEED},
    "applications.inpaint_map": {**INPAINT, "likelihood": LIKELIHOOD},
    "applications.inpaint_pseudo_gibbs": {**INPAINT, "seed": SEED},
    "applications.plausible_completions": {**INPAINT, "count": COUNT, "seed": SEED, "likelihood": LIKELIHOOD},
    "applications.two_nn": {"points": POINTS},
    "applications.levina_bickel": {"points": POINTS, "neighbours": TWO_OR_MORE},
    "applications.participation_ratio": {"points": POINTS},
    "widgets.BetaPanel": {
        "models": Kind({1.0: Own()}, {what: {1.0: model} for what, model in VAE.bad.items()} | NOT_NAMED),
        "images": IMAGES,
        "no_code": Kind(200.0),
    },
    "widgets.ComponentPanel": {"model": MODEL, "pca": PCA, "start": CODE},
    "widgets.DecoderPanel": {"model": MODEL, "codes": CODES, "labels": DIGITS},
    "widgets.DiagramPanel": {"model": Kind(vh.VAE(2, (8,)), VAE.bad), "images": IMAGES, "labels": DIGITS},
    "widgets.GapPanel": {"x": Kind(1.5, {"a word": "1", "none": None, "infinite": float("inf")})},
    "widgets.InterpolationPanel": {"model": MODEL, "first": IMAGE, "second": IMAGE},
    "widgets.KLPanel": {},
    "widgets.LatentMap": {"model": MODEL, "images": IMAGES, "labels": DIGITS, "pca": Kind(None)},
    "widgets.MaskPanel": {
        "model": VAE,
        "images": IMAGES,
        "masks": MASK.named(X[0] > 0.5).also(**NOT_NAMED),
        "methods": Kind({"black": lambda x, seen: x * seen}, {"words": {"black": "black"}, **NOT_NAMED}),
    },
    "widgets.PathPanel": {"models": MODEL.named(Own()).also(**NOT_NAMED), "images": IMAGES, "labels": DIGITS},
    "widgets.PosteriorPanel": {
        "model": VAE,
        "images": IMAGE.named(X[0]).also(**NOT_NAMED),
        "grid": Kind(20, COUNT.bad),
    },
    "widgets.Prediction": {
        "question": Kind("Which one?", {"empty": " ", "a number": 1}),
        "answers": Kind(
            ["this", "that"], {"one": ["this"], "none": [], "twice": ["a", "a"], "a text": "this", "None": None}
        ),
    },
    "widgets.ReparameterizationPanel": {"draws": COUNT, "seed": SEED},
    "widgets.ThresholdPanel": {
        "normal": IMAGES,
        "anomalous": IMAGES,
        "scores": Kind(
            lambda x: x.mean((1, 2, 3)),
            {"a word": "ELBO", "None": None, "one": lambda x: x.mean(), "NaN": lambda x: x[:, 0, 0, 0] * torch.nan},
        ),
        "name": Kind("mean"),
    },
    "widgets.TraversalPanel": MEASURE,
    "widgets.slider": {
        "name": Kind("α"),
        "value": Kind(0.5),
        "low": Kind(0.0),
        "high": Kind(1.0),
    },
    "LatentPCA.fit": {"codes": ANY_WIDTH},
    "LatentPCA.transform": {"codes": LATENT},
    "LatentPCA.inverse_transform": {"coordinates": LATENT},
    **{f"{type(model).__name__}.encode": {"x": Kind(X, FLOATS)} for model in MODELS},
    **{f"{type(model).__name__}.decode": {"z": DOUBLES} for model in MODELS},
    "NegativeELBO()": {"model": VAE, "x": PICTURES},
    "SquaredError()": {"model": AUTOENCODER, "x": PICTURES},
    "ImportanceWeighted()": {"model": VAE, "x": PICTURES},
    "MixtureVAE.log_prior": {"z": DOUBLES},
    "MixtureVAE.fit_prior": {"codes": CODES},
    "successors.ConditionalVAE": {"latent_dim": COUNT, "hidden_dim": COUNT},
    "successors.VampVAE": {"latent_dim": COUNT, "hidden_dims": WIDTHS, "components": COUNT},
    "successors.VectorQuantizedVAE": {"entries": COUNT, "width": COUNT, "channels": COUNT},
    "successors.CodePrior": {"entries": COUNT, "width": COUNT, "hidden": COUNT},
    "successors.Reader": {"hidden_dim": COUNT},
    "successors.Denoiser": {"latent_dim": COUNT, "width": COUNT, "blocks": COUNT},
    "successors.diffuse": {"denoiser": Kind(DENOISER), "count": COUNT, "steps": COUNT, "seed": SEED},
    "successors.noise_level": {"t": Kind(torch.tensor([0.5]), {"a number": 0.5, "a word": "now", "None": None})},
    "successors.revive_dead_codes": {"model": Kind(VQ), "x": PICTURES},
    "Reader.read": {"x": Kind(X, FLOATS)},
    "ConditionalVAE.encode": {"x": Kind(X, FLOATS), "labels": DIGITS},
    "ConditionalVAE.decode": {"z": DOUBLES, "labels": DIGITS},
    "VampVAE.start_at": {"images": IMAGES},
    "VampVAE.log_prior": {"z": DOUBLES},
    "VampVAE.sample_prior": {"count": COUNT},
    "VectorQuantizedVAE.encode": {"x": Kind(X, FLOATS)},
    "VectorQuantizedVAE.decode": {"codes": GRID},
    "CodePrior.nll": {"codes": GRID},
    "CodePrior.sample": {"count": COUNT},
    "Denoiser.forward": {
        "z": DOUBLES,
        "t": Kind(torch.rand(8), {"too few": torch.rand(2), "a number": 0.5, "None": None}),
    },
    "conditional_elbo": {"model": Kind(CONDITIONAL), "x": PICTURES, "labels": DIGITS},
    "vq_loss": {"model": Kind(VQ), "x": PICTURES},
    "vamp_elbo": {"model": Kind(VAMP), "x": PICTURES},
    "widgets.LabelPanel": {
        "model": Kind(CONDITIONAL, {"a VAE": Own(), "a word": "cvae8"}),
        "images": IMAGES,
        "labels": DIGITS,
    },
    "widgets.CodebookPanel": {"model": Kind(VQ, {"a VAE": Own(), "a word": "vq"}), "images": IMAGES},
    "widgets.DenoisingPanel": {
        "model": MODEL,
        "path": Kind([CODES.good] * 3, {"one": [CODES.good], "a number": 3, "a tensor": X, "None": None}),
    },
}
