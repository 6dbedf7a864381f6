"""From cosines of stored vectors to a ranking of products. Pure: arrays in, arrays out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.records import Labels


@dataclass(frozen=True, slots=True)
class Ranking:
    """Products by their best reference, best first: ids int64 (P,), cosines float32 (P,), reference ids int64 (P,)."""

    products: Labels
    similarities: NDArray[np.float32]
    references: Labels

    def __len__(self) -> int:
        return len(self.products)


class Owners:
    """Which product and reference a stored vector belongs to; answers for arrays of labels at once."""

    def __init__(self, labels: Labels, products: Labels, references: Labels) -> None:
        order = np.argsort(labels, kind="stable")
        self._labels = labels[order]
        self._products = products[order]
        self._references = references[order]
        # np.unique alone would import numpy.ma, a twentieth of a cold start.
        self.product_count = int(np.count_nonzero(np.diff(np.sort(products)))) + bool(len(products))

    def __len__(self) -> int:
        return len(self._labels)

    def of(self, labels: Labels) -> tuple[Labels, Labels]:
        """Product ids and reference ids of labels (m,). Raises ValueError for a label that no vector has."""
        places = np.searchsorted(self._labels, labels)
        if len(labels) and (places.max() >= len(self._labels) or np.any(self._labels[places] != labels)):
            raise ValueError("the index holds a label that the catalog does not")
        return self._products[places], self._references[places]

    def labels_of(self, product: int) -> Labels:
        """The labels of all vectors of a product, int64 (m,)."""
        labels: Labels = self._labels[self._products == product]
        return labels

    def labels_of_reference(self, reference: int) -> Labels:
        """The labels of a photo's vectors, int64 (m,)."""
        labels: Labels = self._labels[self._references == reference]
        return labels


def rank(products: Labels, references: Labels, cosines: NDArray[np.float32]) -> Ranking:
    """Best reference per product, best product first, from hits (m,) in any order; equal cosines by product id."""
    best_first = np.lexsort((references, products, -cosines))
    _, first = np.unique(products[best_first], return_index=True)
    chosen = best_first[np.sort(first)]
    return Ranking(products[chosen], cosines[chosen], references[chosen])
