"""For those who adopt the course: run and publish the notebooks, and train the weights that ship with the package.

    python -m vae_helpers.authoring notebooks 03_vae           write the exercises into a notebook and run it in place
    python -m vae_helpers.authoring slides                     a deck of slides of each notebook, in build/slides
    python -m vae_helpers.authoring site                       the series as pages to read, in build/site
    python -m vae_helpers.authoring pretrained vae20           retrain a model that ships

`make notebooks`, `make slides`, `make site` and `make pretrained` do the same. All but the last work on a checkout of
the course: its notebooks lie beside this package. They need nbclient and nbconvert, and slides and pages also npm.

    notebooks   run and clean a notebook            publish   write decks and pages, in place of those before
    answers     fill in exercises, keep answers     pages     a notebook as a deck, or as a page
    recipes     how each shipped model is trained   npm       fetch what decks and pages load
    install     the environment of `make`           templates the looks of decks, pages and the live page
"""
