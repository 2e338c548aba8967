"""The sample project is run where tests copy it, not here."""

collect_ignore = ["sample"]
