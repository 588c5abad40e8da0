from abc import ABC, abstractmethod


class Articles(ABC):
    @abstractmethod
    def all(self): ...
