"""Entries of AWS's price list: as the API gives them, and the same in bulk offer files."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

PUBLISHED = "2026-11-20T02:56:06Z"
PLACE = {
    "location": "US East (N. Virginia)",
    "locationType": "AWS Region",
    "regionCode": "us-east-1",
}

Entry = dict[str, Any]


def entry(
    service: str,
    family: str,
    attributes: Mapping[str, str],
    *tiers: tuple[str, str],
    unit: str = "Hrs",
    currency: str = "USD",
    sku: str = "SKU1",
) -> Entry:
    """Return a product with its on-demand prices; a tier is where it begins, and its amount."""
    code = f"{sku}.JRTCKXETXF"
    return {
        "product": {
            "productFamily": family,
            "attributes": {**PLACE, "servicecode": service, **attributes},
            "sku": sku,
        },
        "serviceCode": service,
        "terms": {
            "OnDemand": {
                code: {
                    "priceDimensions": {
                        f"{code}.{index}": {
                            "unit": unit,
                            "beginRange": begin,
                            "endRange": "Inf",
                            "description": "a price",
                            "appliesTo": [],
                            "rateCode": f"{code}.{index}",
                            "pricePerUnit": {currency: amount},
                        }
                        for index, (begin, amount) in enumerate(tiers)
                    },
                    "sku": sku,
                    "effectiveDate": "2026-11-01T00:00:00Z",
                    "offerTermCode": "JRTCKXETXF",
                    "termAttributes": {},
                }
            }
        },
        "version": "20261120025606",
        "publicationDate": PUBLISHED,
    }


def ml(
    name: str = "ml.m5.large",
    amount: str = "0.1150000000",
    *,
    component: str = "Hosting",
    usage: str = "USE1-Host:",
    sku: str = "SKU1",
    unit: str = "Hrs",
    **attributes: str,
) -> Entry:
    """Return an instance of SageMaker."""
    held = {
        "instanceName": name,
        "instanceType": f"{name}-{component}",
        "component": component,
        "usagetype": f"{usage}{name}",
        "vCpu": "2",
        **attributes,
    }
    return entry("AmazonSageMaker", "ML Instance", held, ("0", amount), sku=sku, unit=unit)


def linux(name: str = "m5.large", amount: str = "0.0960000000", **attributes: str) -> Entry:
    """Return an instance of EC2."""
    held = {
        "instanceType": name,
        "operatingSystem": "Linux",
        "tenancy": "Shared",
        "preInstalledSw": "NA",
        "capacitystatus": "Used",
        "licenseModel": "No License required",
        "usagetype": f"BoxUsage:{name}",
        "operation": "RunInstances",
        **attributes,
    }
    return entry("AmazonEC2", "Compute Instance", held, ("0", amount), sku=f"EC2{name}")


def function(
    group: str = "AWS-Lambda-Duration",
    *tiers: tuple[str, str],
    unit: str = "Lambda-GB-Second",
    **attributes: str,
) -> Entry:
    """Return a charge of Lambda."""
    held = {"group": group, "usagetype": "Lambda-GB-Second", **attributes}
    return entry("AWSLambda", "Serverless", held, *tiers, unit=unit, sku=f"L{group}")


# The bulk file of a region has other names for the same: "Reading the service price list file".
_COLUMNS = {
    "regionCode": "Region Code",
    "location": "Location",
    "locationType": "Location Type",
    "servicecode": "serviceCode",
    "instanceType": "Instance Type",
    "instanceName": "Instance Name",
    "component": "Component",
    "usagetype": "usageType",
    "operation": "operation",
    "group": "Group",
    "operatingSystem": "Operating System",
    "tenancy": "Tenancy",
    "preInstalledSw": "Pre Installed S/W",
    "capacitystatus": "CapacityStatus",
    "licenseModel": "License Model",
    "volumeApiName": "Volume API Name",
}


def bulk_csv(service: str, entries: Sequence[Entry], *, published: str = PUBLISHED) -> str:
    """Return a bulk offer file, index.csv, of these products."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows(
        [
            ["FormatVersion", "v1.0"],
            ["Disclaimer", "This pricing list is for informational purposes only."],
            ["Publication Date", published],
            ["Version", "20261120025606"],
            ["OfferCode", service],
        ]
    )
    priced = ["SKU", "OfferTermCode", "RateCode", "TermType", "PriceDescription", "EffectiveDate"]
    ranged = ["StartingRange", "EndingRange", "Unit", "PricePerUnit", "Currency", "Product Family"]
    writer.writerow([*priced, *ranged, *_COLUMNS.values()])
    for one in entries:
        product = one["product"]
        told = [product["attributes"].get(name, "") for name in _COLUMNS]
        for kind, terms in one["terms"].items():
            for term in terms.values():
                for rate in term["priceDimensions"].values():
                    ((currency, amount),) = rate["pricePerUnit"].items()
                    head = [product["sku"], "JRTCKXETXF", rate["rateCode"], kind, "a price"]
                    dated = [*head, "2026-11-01", rate["beginRange"], "Inf", rate["unit"]]
                    row = [*dated, amount, currency, product["productFamily"]]
                    writer.writerow([*row, *told])
    return text.getvalue()


def bulk_json(service: str, entries: Sequence[Entry], *, published: str = PUBLISHED) -> str:
    """Return a bulk offer file, index.json, of these products."""
    kinds = {kind: None for one in entries for kind in one["terms"]}
    return json.dumps(
        {
            "formatVersion": "v1.0",
            "disclaimer": "This pricing list is for informational purposes only.",
            "offerCode": service,
            "version": "20261120025606",
            "publicationDate": published,
            "products": {one["product"]["sku"]: one["product"] for one in entries},
            "terms": {
                kind: {
                    one["product"]["sku"]: one["terms"][kind]
                    for one in entries
                    if kind in one["terms"]
                }
                for kind in kinds
            },
            "attributesList": {},
        },
        indent=2,
    )
