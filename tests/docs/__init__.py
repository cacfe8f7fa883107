"""Documents whose commands and figures are run."""
