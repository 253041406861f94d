"""Work that several commands share: inputs, batches in processes, visits, rules in use."""
