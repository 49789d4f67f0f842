"""What the tests of the latent map share: models, and where codes are on the plane."""

import torch
from own_model import Own

import vae_helpers as vh


def vivid(model):
    """A new model with weights four times as large, so that what it decodes differs from place to place."""
    with torch.no_grad():
        for weights in model.parameters():
            weights.mul_(4)
    return model


MODELS = {
    "your own": lambda: vivid(Own()),
    "VAE": lambda: vivid(vh.VAE(2, (8,))),
    "deep VAE": lambda: vivid(vh.VAE(5, (8,))),
    "autoencoder": lambda: vivid(vh.Autoencoder(2, (8,))),
    "deep autoencoder": lambda: vivid(vh.Autoencoder(5, (8,))),
    "convolutional": lambda: vivid(vh.ConvVAE(3, 4)),
}


def points_of(latent_map):
    """Where the dots are to be: the codes themselves, or their first two principal components."""
    codes = vh.encode_mean(latent_map.model, latent_map.images)
    return codes if latent_map.model.latent_dim == 2 else vh.LatentPCA().fit(codes).transform(codes)[:, :2]


def code_at(latent_map, x, y):
    """The code of a place of the plane, by the map's own components."""
    if latent_map.model.latent_dim == 2:
        return torch.tensor([x, y])
    return latent_map.pca.mean_ + x * latent_map.pca.components_[0] + y * latent_map.pca.components_[1]
