"""Trains a classifier of dog breeds: one script for a laptop, EC2, torchrun and SageMaker.

Run from the checkout; the wheel does not ship it. It meets `deploy` and `mlguard` in files only:
model.pth with config.json, and the pipeline files that the `--dry-run`s print.
"""
