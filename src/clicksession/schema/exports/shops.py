"""The logs of shops: a public one, and the one that comes with the library."""

from collections.abc import Mapping

from clicksession.schema.exports.export import Export

__all__ = ["EXPORTS"]

EXPORTS: Mapping[str, Export] = {
    "rees46": Export(
        ("kaggle.com/datasets/mkechinov/ecommerce-behavior-data-from-multi-category-store",),
        "2026-11-29",
        {
            "user_id": "user_id",
            "timestamp": "event_time",
            "event_type": "event_type",
            # Its views are views of a product's page, and all that it has.
            "vocabulary": {
                "page_view": "view",
                "product_view": "view",
                "cart": "cart",
                "order": "purchase",
            },
            "format": "csv",
        },
    ),
    "webshop": Export(
        ("clicksession.datasets.webshop",),
        "2026-11-29",
        {
            "event_id": "id",
            "user_id": "event.customer-id",
            "timestamp": "event.timestamp",
            "event_type": "type",
            "vocabulary": {
                "page_view": "page_view",
                "cart": "add_product_to_cart",
                "order": "placed_order",
            },
        },
    ),
}
