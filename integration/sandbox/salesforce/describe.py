"""Describe answers: what a client learns of objects and fields."""

from __future__ import annotations

from typing import Any

from integration.sandbox.salesforce.schema import (
    NUMBER_TYPES,
    TEXT_TYPES,
    VIRTUAL_TYPES,
    FieldDef,
    ObjectDef,
    Schema,
)

Json = dict[str, Any]
_SOAP = {
    "id": "tns:ID",
    "reference": "tns:ID",
    "boolean": "xsd:boolean",
    "int": "xsd:int",
    "double": "xsd:double",
    "currency": "xsd:double",
    "percent": "xsd:double",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
    "time": "xsd:time",
    "address": "urn:address",
    "location": "urn:location",
}


def describe_global(schema: Schema, version: str) -> Json:
    """`GET /sobjects/`."""
    return {
        "encoding": "UTF-8",
        "maxBatchSize": 200,
        "sobjects": [object_summary(definition, version) for definition in schema],
    }


def object_summary(definition: ObjectDef, version: str) -> Json:
    base = f"/services/data/v{version}/sobjects/{definition.name}"
    return {
        "activateable": False,
        "createable": definition.createable,
        "custom": definition.custom,
        "customSetting": False,
        "deletable": definition.deletable,
        "deprecatedAndHidden": False,
        "feedEnabled": False,
        "keyPrefix": definition.key_prefix,
        "label": definition.label or definition.name,
        "labelPlural": definition.label_plural or f"{definition.label or definition.name}s",
        "layoutable": True,
        "mergeable": definition.mergeable,
        "name": definition.name,
        "queryable": True,
        "replicateable": True,
        "retrieveable": True,
        "searchable": True,
        "triggerable": True,
        "undeletable": definition.deletable,
        "updateable": definition.updateable,
        "urls": {
            "sobject": base,
            "describe": f"{base}/describe",
            "rowTemplate": f"{base}/{{ID}}",
        },
    }


def describe_object(definition: ObjectDef, schema: Schema, version: str) -> Json:
    """`GET /sobjects/{O}/describe`."""
    children = [
        {
            "cascadeDelete": field.on_parent_delete == "cascade",
            "childSObject": child.name,
            "deprecatedAndHidden": False,
            "field": field.name,
            "relationshipName": field.child_relationship,
            "restrictedDelete": field.on_parent_delete == "restrict",
        }
        for child, field in schema.children_of(definition.name)
    ]
    return {
        **object_summary(definition, version),
        "childRelationships": children,
        "fields": [describe_field(definition, field) for field in definition.fields],
        "recordTypeInfos": [],
        "supportedScopes": [],
    }


def describe_field(definition: ObjectDef, field: FieldDef) -> Json:
    """One field as describe shows it."""
    return {
        **_NEVER,
        **_access(definition, field),
        **_size(field),
        **_relations(field),
        "autoNumber": bool(field.auto_number),
        "caseSensitive": field.case_sensitive,
        "calculated": field.calculated,
        "compoundFieldName": field.part_of,
        "custom": field.custom,
        "defaultValue": field.default if field.type == "boolean" else None,
        "extraTypeInfo": "personname" if field.type == "personname" else None,
        "label": field.shown_label,
        "name": field.name,
        "picklistValues": [_picklist_value(field, value) for value in field.picklist],
        "restrictedPicklist": field.restricted,
        "soapType": _SOAP.get(field.type, "xsd:string"),
        "type": "string" if field.type == "personname" else field.type,
        "unique": field.unique,
    }


def _access(definition: ObjectDef, field: FieldDef) -> Json:
    """What may be done with the field, in saves and in queries."""
    comparable = field.type not in VIRTUAL_TYPES and not (field.type == "textarea" and field.length > 255)
    return {
        "aggregatable": comparable,
        "createable": field.createable,
        "defaultedOnCreate": field.default is not None or not (field.nillable or field.createable),
        "externalId": field.external_id,
        "filterable": comparable,
        "groupable": comparable and field.type not in {"double", "currency", "datetime"},
        "idLookup": field.external_id or field.name == "Id" or field.type == "email",
        "nameField": field.name == definition.name_field,
        "nillable": field.nillable,
        "permissionable": field.nillable and field.createable,
        "sortable": comparable,
        "updateable": field.updateable,
    }


def _size(field: FieldDef) -> Json:
    return {
        "byteLength": field.length * 3 if field.type in TEXT_TYPES else field.length,
        "digits": field.precision if field.type == "int" else 0,
        "length": field.length,
        "precision": field.precision if field.type in NUMBER_TYPES - {"int"} else 0,
        "scale": field.scale,
    }


def _relations(field: FieldDef) -> Json:
    return {
        "cascadeDelete": field.on_parent_delete == "cascade",
        "referenceTo": list(field.reference_to),
        "relationshipName": field.relationship,
        "relationshipOrder": None,
        "restrictedDelete": field.on_parent_delete == "restrict",
    }


def _picklist_value(field: FieldDef, value: str) -> Json:
    chosen = value == field.default
    return {"active": True, "defaultValue": chosen, "label": value, "validFor": None, "value": value}


_NEVER: Json = {
    "deprecatedAndHidden": False,
    "encrypted": False,
    "inlineHelpText": None,
    "namePointing": False,
    "searchPrefilterable": False,
    "writeRequiresMasterRead": False,
}
