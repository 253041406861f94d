"""Which blocks of a general web page its author wrote: blocks, features, witnesses, a model, a cut that says why."""
