"""The stages of cleaning a text; `clean.pipeline` names their order."""
