"""Which layer of a clean architecture a file belongs to: decided by the names of its folders.

The deepest folder with a layer's name decides. Names that are also used for other things (`api`, `data`, `views` …)
count only where no folder with an unmistakable name plays that part, and for the data layer only if the code there
reads or writes data. A folder that holds several other layers is their container and no layer itself.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Literal, get_args

from evaluator.verifiers.words import words

Layer = Literal["routes", "services", "repositories", "models"]
LAYERS: tuple[Layer, ...] = get_args(Layer)
RANK: dict[Layer, int] = {"routes": 3, "services": 2, "repositories": 1, "models": 0}
TITLE: dict[Layer, str] = {
    "routes": "Routes", "services": "Services", "repositories": "Repositories", "models": "Models"
}  # fmt: skip
SUGGESTED: dict[Layer, str] = {
    "routes": "routes/",
    "services": "services/",
    "repositories": "repositories/",
    "models": "models/",
}

_NAMES: dict[Layer, str] = {
    "routes": "route routes router routers handler handlers controller controllers endpoint endpoints resource "
    "resources blueprint blueprints presentation resolvers rest entrypoints",
    "services": "service services usecase usecases use_case use_cases interactor interactors business_logic svc svcs",
    "repositories": "repository repositories repo repos data_access dataaccess db_access data_layer dao daos dal "
    "persistence persistance infrastructure infra storage gateways gateway datasource datasources data_source "
    "data_sources datastore datastores data_store data_stores",
    "models": "model models entity entities domain domains aggregates",
}
_WEAK_NAMES: dict[Layer, str] = {
    "routes": "api views view http web apis transport delivery interfaces http_api rest_api web_api webapi",
    "services": "application business logic core managers operations",
    "repositories": "data database databases db store stores adapters queries crud mappers",
    "models": "schemas schema types domain_model tables orm",
}
_STRONG = {name: layer for layer, names in _NAMES.items() for name in names.split()}
_WEAK = {name: layer for layer, names in _WEAK_NAMES.items() for name in names.split()}
_CONTAINED_LAYERS = 2
# Folders that often hold settings and passwords; only those of their files count that work on data.
_MIXED = frozenset({"core"})
# What an infrastructure folder holds beside storage; these know the routes, as the start of the program does.
_TECHNICAL = frozenset({"infrastructure", "infra"})
_NO_STORAGE = words(
    "web http api server webserver servers app application main config settings di ioc container containers security",
    "auth logging logger framework frameworks express fastify koa hono flask fastapi aiohttp django middleware",
    "middlewares bootstrap cli",
)
_VIEWS = words(
    "view views viewset viewsets url urls api handler handlers controller controllers endpoints routes router"
)
_WORD_BREAK = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SUFFIX = re.compile(r"_?(v\d+|layer|layers)$")


class Layering:
    """The layer of each production file.

    `reads_data` are files whose code reads or writes data, `opens_data` those that open a database; `imports` are the
    files of the project that each file imports.
    """

    def __init__(
        self,
        paths: Iterable[str],
        reads_data: Collection[str],
        opens_data: Collection[str] = (),
        imports: Mapping[str, Collection[str]] = MappingProxyType({}),
    ) -> None:
        self._paths = dict.fromkeys(paths)
        self._reads_data = reads_data
        self._opens_data = opens_data
        self._imports = imports
        self._known: dict[str, Layer | None] = {}
        self._containers = self._find_containers()
        self._played = {layer for path in self._paths if (layer := self._strong_layer(path)) is not None}
        self._weak_folders: dict[str, Layer] = {}
        self._weak_folders = self._find_weak_folders()
        self._known.clear()

    def layer_of(self, path: str) -> Layer | None:
        """The layer of a file, or of a package written `folder/`; None for what stands outside the layers."""
        if path not in self._known:
            self._known[path] = None
            self._known[path] = self._find_layer(path)
        return self._known[path]

    def _find_layer(self, path: str) -> Layer | None:
        for folder in reversed(_folders(path)):
            if folder in self._containers:
                continue
            layer = _strong(_normal(folder))
            if layer is not None:
                return None if _is_no_storage(path, folder) else self._corrected(folder, layer)
            if folder in self._weak_folders:
                return self._weak_layer(path, folder)
        return None

    def files_of(self, layer: Layer) -> list[str]:
        """The files of a layer."""
        return [path for path in self._paths if self.layer_of(path) == layer]

    def _corrected(self, folder: str, layer: Layer) -> Layer:
        """Helpers in `routes/models/` or `services/schemas/` belong to what they help; other layers nest."""
        above = next((found for one in reversed(_folders(folder)) if (found := _strong(_normal(one)))), None)
        if layer == "models" and above in ("routes", "services") and _weak(_normal(folder)) == "models":
            return above
        return layer

    def _weak_layer(self, path: str, folder: str) -> Layer | None:
        """The layer of a folder such as api/; a file named for another layer, such as api/models.py, has none."""
        named = _strong(PurePosixPath(path).stem.lower()) if not path.endswith("/") else None
        layer = self._weak_folders[folder]
        if _normal(folder) in _MIXED and not self._works_on_data(path):
            return None
        if layer == "routes" and self._is_beside_views(path, folder):
            return None
        return layer if named in (None, layer) else None

    def _is_beside_views(self, path: str, folder: str) -> bool:
        """Whether a file lies in a flat application of Django, such as api/, and is not one of its views."""
        flat = path.rpartition("/")[0] == folder and f"{folder}/models.py" in self._paths
        return flat and PurePosixPath(path).stem.lower() not in _VIEWS

    def _works_on_data(self, path: str) -> bool:
        """Whether a file uses what lies below the services; a folder of settings and passwords does not."""
        below = {self.layer_of(target) for target in self._imports.get(path, ()) if target != path}
        return bool(below & {"repositories", "models"})

    def _strong_layer(self, path: str) -> Layer | None:
        for folder in reversed(_folders(path)):
            if folder not in self._containers and (layer := _strong(_normal(folder))) is not None:
                return layer
        return None

    def _find_containers(self) -> frozenset[str]:
        below: dict[str, set[Layer]] = defaultdict(set)
        for holder in {str(PurePosixPath(path).parent) for path in self._paths}:
            folders = _folders(f"{holder}/")
            for position, folder in enumerate(folders):
                below[folder] |= {layer for deeper in folders[position + 1 :] if (layer := _strong(_normal(deeper)))}
        return frozenset(
            folder
            for folder, layers in below.items()
            if len(layers - {_strong(_normal(folder)) or _weak(_normal(folder))}) >= _CONTAINED_LAYERS
        )

    def _find_weak_folders(self) -> dict[str, Layer]:
        found: dict[str, Layer] = {}
        every = {folder for path in self._paths for folder in _folders(path)}
        for folder in sorted(every):
            layer = _weak(_normal(folder))
            if layer is None or folder in self._containers:
                continue
            if layer in self._played and not self._holds_its_own(folder, layer, every):
                continue
            if layer == "repositories" and not self._keeps_data(folder):
                continue
            found[folder] = layer
        return found

    def _keeps_data(self, folder: str) -> bool:
        """Whether a folder such as data/ reads or writes data, or keeps them in memory for the services."""
        inside = folder + "/"
        if any(path.startswith(inside) for path in self._reads_data):
            return True
        if any(path.startswith(inside) for path in self._opens_data):
            return False
        return any(
            target.startswith(inside)
            for path, targets in self._imports.items()
            if self._named_service(path)
            for target in targets
        )

    @staticmethod
    def _named_service(path: str) -> bool:
        names = [_normal(folder) for folder in _folders(path)]
        return any((_strong(name) or _weak(name)) == "services" for name in names)

    @staticmethod
    def _holds_its_own(folder: str, layer: Layer, every: Collection[str]) -> bool:
        """Whether a folder such as api/ holds a folder of the same layer, such as api/routes/."""
        return any(deeper.startswith(folder + "/") and _strong(_normal(deeper)) == layer for deeper in every)


def _is_no_storage(path: str, folder: str) -> bool:
    """Whether a file of an infrastructure folder has to do with the web or the start of the program."""
    if _normal(folder) not in _TECHNICAL:
        return False
    below = path.removeprefix(folder + "/").split("/")
    return any(_normal(part.partition(".")[0]) in _NO_STORAGE for part in below)


@lru_cache(20_000)
def _folders(path: str) -> tuple[str, ...]:
    """`a`, `a/b`, `a/b/c` for a/b/c/file; a path that ends in a slash is a folder itself."""
    parts = [part for part in path.split("/")[:-1] if part not in ("", ".")]
    return tuple("/".join(parts[:length]) for length in range(1, len(parts) + 1))


@lru_cache(20_000)
def _normal(folder: str) -> str:
    """The last folder's name in small letters with its words apart: `useCases` is `use_cases`."""
    return _WORD_BREAK.sub("_", folder.rpartition("/")[2]).lower().replace("-", "_").replace(".", "_")


@lru_cache(20_000)
def _strong(name: str) -> Layer | None:
    """The layer of a name; the last words decide, so that user_services and http_use_cases name one as well."""
    words_of_name = name.split("_")
    for candidate in (name, _SUFFIX.sub("", name), "_".join(words_of_name[-2:]), words_of_name[-1]):
        if candidate in _STRONG:
            return _STRONG[candidate]
    return None


@lru_cache(20_000)
def _weak(name: str) -> Layer | None:
    return _WEAK.get(name) or _WEAK.get(_SUFFIX.sub("", name))
