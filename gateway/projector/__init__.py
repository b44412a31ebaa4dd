"""The projector: the read model, one section per document and source, fed by all journals."""
