"""SMFNet, a network that fuses infrared and visible images: the study that comes with ``assay``.

Its rooms: ``smfnet.config``, ``smfnet.data``, ``smfnet.model``, ``smfnet.losses``, ``smfnet.metrics``,
``smfnet.training`` (its stages), ``smfnet.fusion`` (test step, training-free rules, files), ``smfnet.cli``.
"""
