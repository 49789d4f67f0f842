"""The models of notebook 10: what is written out there is the package's, and does what the text says."""

import math

import pytest
import torch
from series import definitions

import vae_helpers as vh
from vae_helpers import successors
from vae_helpers.authoring.notebooks import NOTEBOOKS
from vae_helpers.successors import conditional, diffusion, discrete, vampprior

PAGE = next(path for path in NOTEBOOKS if path.stem == "10_what_came_after")


@pytest.fixture(scope="module")
def page():
    return definitions(PAGE)


@pytest.fixture(scope="module")
def batch(mnist):
    return mnist.train.images[:40], mnist.train.labels[:40]


def pair(page, name, *arguments):
    """The page's model and the package's, with the same weights."""
    torch.manual_seed(0)
    packaged, written = getattr(successors, name)(*arguments), page[name](*arguments)
    written.load_state_dict(packaged.state_dict())
    return written, packaged


def same_parts(own, packaged):
    """Assert that two losses, called with the same noise, report the same."""
    torch.manual_seed(1)
    own = own()
    torch.manual_seed(1)
    packaged = packaged()
    assert own.keys() == packaged.keys()
    for name in own:
        torch.testing.assert_close(own[name], packaged[name])


# the page and the package


def test_the_conditional_vae_of_the_page_is_the_package_s(page, batch):
    written, packaged = pair(page, "ConditionalVAE", 3, 16)
    same_parts(
        lambda: page["conditional_elbo"](written, *batch), lambda: conditional.conditional_elbo(packaged, *batch)
    )
    z = torch.randn(40, 3)
    torch.testing.assert_close(written.decode(z, batch[1]), packaged.decode(z, batch[1]))


def test_the_vampprior_of_the_page_is_the_package_s(page, batch):
    written, packaged = pair(page, "VampVAE", 3, (16,), 7)
    same_parts(lambda: page["vamp_elbo"](written, batch[0]), lambda: vampprior.vamp_elbo(packaged, batch[0]))


def test_the_vq_vae_of_the_page_is_the_package_s(page, batch):
    written, packaged = pair(page, "VectorQuantizedVAE", 5, 4, 6)
    same_parts(lambda: page["vq_loss"](written, batch[0]), lambda: discrete.vq_loss(packaged, batch[0]))
    assert torch.equal(written.encode(batch[0]), packaged.encode(batch[0]))
    for model, revive in ((written, page["revive"]), (packaged, discrete.revive_dead_codes)):
        torch.manual_seed(2)
        revive(model, batch[0])
    torch.testing.assert_close(written.codebook, packaged.codebook)


def test_the_prior_over_codes_of_the_page_is_the_package_s(page):
    written, packaged = pair(page, "CodePrior", 5, 4, 16)
    codes = torch.randint(5, (6, 7, 7))
    torch.testing.assert_close(written.nll(codes), packaged.nll(codes))


def test_the_denoiser_and_the_steps_of_the_page_are_the_package_s(page):
    written, packaged = pair(page, "Denoiser", 3, 16, 2)
    torch.manual_seed(1)
    own = [*page["diffuse"](written, 4, 5), page["denoising_loss"](written, torch.ones(8, 3))]
    path = successors.diffuse(packaged, 4, 5, seed=1)
    torch.testing.assert_close(own[:-1], path)
    torch.manual_seed(1)
    page["diffuse"](written, 4, 5)
    torch.testing.assert_close(own[-1], diffusion.denoising_loss(packaged, torch.ones(8, 3)))


# what the models must do


def test_a_mixture_of_one_gaussian_is_that_gaussian_and_far_codes_are_no_problem(page):
    z, mu, logvar = 50 * torch.randn(9, 20), torch.randn(1, 20), torch.randn(1, 20)
    expected = torch.distributions.Normal(mu, torch.exp(0.5 * logvar)).log_prob(z).sum(1)
    for log_mixture in (vampprior.log_mixture, page["log_mixture"]):
        torch.testing.assert_close(log_mixture(z, mu, logvar), expected)


def test_the_vampprior_is_the_average_posterior_of_its_pseudo_inputs():
    torch.manual_seed(0)
    model = successors.VampVAE(2, (8,), 3)
    model.start_at(torch.rand(5, 1, 28, 28))
    with torch.no_grad():
        mu, logvar = model.encode(torch.sigmoid(model.pseudo_logits))
        drawn = model.sample_prior(4000)
    torch.testing.assert_close(drawn.mean(0), mu.mean(0), atol=0.1, rtol=0)
    second = (mu**2 + logvar.exp()).mean(0)
    torch.testing.assert_close((drawn**2).mean(0), second, atol=0.15, rtol=0.1)


def test_an_entry_of_the_codebook_gets_no_gradient_from_the_decoder_and_the_encoder_does(batch):
    torch.manual_seed(0)
    model = successors.VectorQuantizedVAE(5, 4, 6)
    discrete.vq_loss(model, batch[0])["reconstruction"].backward()
    assert model.codebook.grad is None or not model.codebook.grad.any()
    assert model.encoder[0].weight.grad.abs().sum() > 0


def test_dead_entries_are_moved_and_then_used(batch):
    torch.manual_seed(0)
    model = successors.VectorQuantizedVAE(16, 4, 6)
    with torch.no_grad():
        model.codebook[1:] += 1000
    assert successors.revive_dead_codes(model, batch[0]) == 15
    assert len(model.encode(batch[0]).unique()) > 8


def test_the_prior_over_codes_sees_only_what_was_written_before():
    torch.manual_seed(0)
    prior, codes = successors.CodePrior(5, 4, 16), torch.randint(5, (1, 7, 7))
    for place in (0, 10, 24, 48):
        other = codes.clone().flatten()
        other[place] = (other[place] + 1) % 5
        moved = (prior(codes) - prior(other.view(1, 7, 7))).abs().sum((0, 2)) > 0
        assert not moved[: place + 1].any()
    assert prior.sample(3).unique().max() < 5


def test_the_probabilities_of_all_codes_sum_to_one():
    torch.manual_seed(0)
    prior = successors.CodePrior(2, 2, 4)
    logits = prior(torch.zeros(1, 7, 7).long())
    torch.testing.assert_close(logits.softmax(2).sum(2), torch.ones(1, 49))


def test_without_noise_the_denoiser_gives_back_what_it_got():
    z = torch.randn(5, 3)
    torch.testing.assert_close(successors.Denoiser(3, 16, 1)(z, torch.zeros(5)), z)


def test_with_a_perfect_guess_a_step_back_has_the_distribution_of_the_way_there():
    torch.manual_seed(0)
    z0, t, u = torch.tensor([1.5]), torch.tensor(0.7), torch.tensor(0.3)
    (a, s), (a_u, s_u) = successors.noise_level(t), successors.noise_level(u)
    z = a * z0 + s * torch.randn(200_000, 1)
    back = diffusion.step_back(z, z0.expand_as(z), t, u)
    assert back.mean().item() == pytest.approx((a_u * z0).item(), abs=0.01)
    assert back.std().item() == pytest.approx(s_u.item(), abs=0.01)


def test_the_cost_of_a_step_is_the_kl_of_its_two_gaussians():
    torch.manual_seed(0)
    t, u = torch.tensor(0.7), torch.tensor(0.5)
    (a, s), (a_u, s_u) = successors.noise_level(t), successors.noise_level(u)
    z0, guess = torch.randn(2, 1, 4).double()
    added = s**2 - (a / a_u * s_u) ** 2
    factor, variance = a_u * added / s**2, added * s_u**2 / s**2
    kl = ((factor * (z0 - guess)) ** 2).sum() / (2 * variance)
    expected = vh.exercises.EXERCISES["10"][4].solve(z0, guess, *(x.double() for x in (a, s, a_u, s_u)))
    torch.testing.assert_close(kl.double(), expected[0], rtol=1e-5, atol=0)


@pytest.mark.parametrize("steps", [20, 2000])
def test_the_bound_of_a_diffusion_lies_above_the_truth_and_closes_in_on_it(page, steps):
    torch.manual_seed(0)

    def perfect(z, t):  # for codes from N(0, I)
        return successors.noise_level(t[:, None])[0] * z

    z = torch.randn(4000, 2)
    truth = 0.5 * (z**2).sum(1) + math.log(2 * math.pi)
    gap = (page["code_bound"](perfect, z, steps) - truth).mean().item()
    assert 0 < gap < (5 if steps == 20 else 0.1)


def test_the_successors_train_with_fit(mnist):
    torch.manual_seed(0)
    model = successors.ConditionalVAE(3, 16)
    x, labels = mnist.train.images[:300], mnist.train.labels[:300]
    loss = conditional.conditional_elbo
    history = vh.fit(model, x, labels=labels, loss=loss, epochs=3, batch_size=50, progress=False)
    assert history.loss[-1] < history.loss[0]


@pytest.mark.parametrize(
    "make",
    [
        lambda: successors.ConditionalVAE(0),
        lambda: successors.VampVAE(components=0),
        lambda: successors.VectorQuantizedVAE(0),
        lambda: successors.CodePrior(4, 0),
        lambda: successors.Denoiser(blocks=0),
        lambda: successors.diffuse(successors.Denoiser(2, 4, 1), 0),
    ],
)
def test_a_size_below_one_is_refused(make):
    with pytest.raises(ValueError, match="expected a whole number"):
        make()
