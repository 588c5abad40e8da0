"""Which layer of a clean architecture a file belongs to: decided by the names of its folders.

The deepest folder with a layer's name decides. Names that are also used for other things (`api`, `data`, `views` …)
count only where no folder with an unmistakable name plays that part, and for the data layer only if the code there
reads or writes data. A folder that holds several other layers is their container and no layer itself.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from pathlib import PurePosixPath
from typing import Literal, get_args

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
    "resources "
    "blueprint blueprints presentation resolvers rest",
    "services": "service services usecase usecases use_case use_cases interactor interactors business_logic",
    "repositories": "repository repositories repo repos data_access dataaccess data_layer dao daos dal persistence "
    "infrastructure infra storage gateways gateway",
    "models": "model models entity entities domain",
}
_WEAK_NAMES: dict[Layer, str] = {
    "routes": "api views view http web apis transport delivery interfaces",
    "services": "application business logic core",
    "repositories": "data database databases db store stores adapters queries crud",
    "models": "schemas schema types domain_model",
}
_STRONG = {name: layer for layer, names in _NAMES.items() for name in names.split()}
_WEAK = {name: layer for layer, names in _WEAK_NAMES.items() for name in names.split()}
# Endings such as user-services/ or http_handlers/ name a layer as well.
_LAST_WORD = re.compile(r"[_.](\w+)$")
_CONTAINED_LAYERS = 2


class Layering:
    """The layer of each production file. `reads_data` are files whose code reads or writes data."""

    def __init__(self, paths: Iterable[str], reads_data: Collection[str]) -> None:
        self._paths = tuple(paths)
        self._reads_data = reads_data
        self._containers = self._find_containers()
        self._played = {layer for path in self._paths if (layer := self._strong_layer(path)) is not None}
        self._weak_folders = self._find_weak_folders()

    def layer_of(self, path: str) -> Layer | None:
        """The layer of a file, or of a package written `folder/`; None for what stands outside the layers."""
        for folder in reversed(_folders(path)):
            if folder in self._containers:
                continue
            name = _normal(folder)
            layer = _strong(name)
            if layer is not None:
                return self._corrected(path, folder, layer)
            if folder in self._weak_folders:
                return self._weak_layer(path, folder)
        return None

    def files_of(self, layer: Layer) -> list[str]:
        """The files of a layer."""
        return [path for path in self._paths if self.layer_of(path) == layer]

    def _corrected(self, path: str, folder: str, layer: Layer) -> Layer:
        """Helpers in `routes/models/` or `services/schemas/` belong to what they help; other layers nest as "
        "they say."""
        above = next((found for one in reversed(_folders(folder)) if (found := _strong(_normal(one)))), None)
        if layer == "models" and above in ("routes", "services") and _WEAK.get(_normal(folder)) == "models":
            return above
        return layer

    def _weak_layer(self, path: str, folder: str) -> Layer | None:
        """The layer of a folder such as api/; a file named for another layer, such as api/models.py, has none."""
        named = _strong(PurePosixPath(path).stem.lower()) if not path.endswith("/") else None
        layer = self._weak_folders[folder]
        return layer if named in (None, layer) else None

    def _strong_layer(self, path: str) -> Layer | None:
        for folder in reversed(_folders(path)):
            if folder not in self._containers and (layer := _strong(_normal(folder))) is not None:
                return layer
        return None

    def _find_containers(self) -> frozenset[str]:
        below: dict[str, set[Layer]] = defaultdict(set)
        for path in self._paths:
            folders = _folders(path)
            for position, folder in enumerate(folders):
                for deeper in folders[position + 1 :]:
                    layer = _strong(_normal(deeper))
                    if layer is not None:
                        below[folder].add(layer)
        return frozenset(
            folder
            for folder, layers in below.items()
            if len(layers - {_strong(_normal(folder)) or _WEAK.get(_normal(folder))}) >= _CONTAINED_LAYERS
        )

    def _find_weak_folders(self) -> dict[str, Layer]:
        found: dict[str, Layer] = {}
        for path in self._paths:
            for folder in _folders(path):
                layer = _WEAK.get(_normal(folder))
                if layer is None or folder in self._containers:
                    continue
                if layer in self._played and not self._holds_its_own(folder, layer):
                    continue
                if layer == "repositories" and not any(one.startswith(folder + "/") for one in self._reads_data):
                    continue
                found[folder] = layer
        return found

    def _holds_its_own(self, folder: str, layer: Layer) -> bool:
        """Whether a folder such as api/ holds a folder of the same layer, such as api/routes/."""
        inside = [path for path in self._paths if path.startswith(folder + "/")]
        return any(
            _strong(_normal(deeper)) == layer
            for path in inside
            for deeper in _folders(path)
            if deeper.startswith(folder + "/")
        )


def _folders(path: str) -> list[str]:
    """`a`, `a/b`, `a/b/c` for a/b/c/file; a path that ends in a slash is a folder itself."""
    parent = path.rstrip("/") if path.endswith("/") else str(PurePosixPath(path).parent)
    if parent in (".", ""):
        return []
    parts = parent.split("/")
    return ["/".join(parts[:length]) for length in range(1, len(parts) + 1)]


def _normal(folder: str) -> str:
    name = folder.rpartition("/")[2]
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower().replace("-", "_")


def _strong(name: str) -> Layer | None:
    if name in _STRONG:
        return _STRONG[name]
    ending = _LAST_WORD.search(name)
    return _STRONG.get(ending[1]) if ending else None
