"""``init``: a project for a model, and CI for it; nothing that is there is ever touched."""

from edgeq.verbs.init.ci import Provider, ci_files, provider_of
from edgeq.verbs.init.project import ProjectRequest, project_files
from edgeq.verbs.init.writing import Started, start

__all__ = ["ProjectRequest", "Provider", "Started", "ci_files", "project_files", "provider_of", "start"]
