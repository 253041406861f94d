"""The stages of cleaning, one per file; `clean.pipeline` names their order."""
