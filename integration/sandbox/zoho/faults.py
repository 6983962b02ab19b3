"""The error answers of the API: HTTP status, code and message as Zoho words them."""

from __future__ import annotations

from integration.sandbox.switches import Switches


class ApiError(Exception):
    """An answer with a code other than 0; raised anywhere below the HTTP layer."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message

    @property
    def body(self) -> dict[str, int | str]:
        """The envelope as it goes over the wire."""
        return {"code": self.code, "message": self.message}


def label(key: str) -> str:
    """The name of a field in messages: `payment_terms` is called `Payment Terms`."""
    return key.replace("_", " ").title()


def invalid_value(key: str) -> ApiError:
    """A value of the wrong type or outside its list."""
    return ApiError(400, 2, f"Invalid value passed for {label(key)}")


def missing_value(key: str) -> ApiError:
    """A mandatory value that is absent or empty."""
    return ApiError(400, 4, f"Invalid value passed for {key}")


def too_long(key: str, limit: int) -> ApiError:
    """The wording says `less than` although the limit itself is allowed."""
    return ApiError(400, 15, f'Please ensure that the "{key}" has less than {limit} characters.')


def invalid_element(key: str, switches: Switches) -> ApiError:
    """A key that the API does not know or the plan does not have."""
    return ApiError(400, switches.zoho_invalid_element_code, f"Invalid Element {key}")


def malformed_json(switches: Switches) -> ApiError:
    """A body that is no JSON object."""
    return ApiError(400, switches.zoho_malformed_json_code, "JSON is not well formed")


def customer_name_taken(name: str) -> ApiError:
    """Another customer owns the name."""
    return ApiError(400, 3062, f'The customer "{name}" already exists. Please specify a different name.')


def vendor_name_taken(name: str, switches: Switches) -> ApiError:
    """Another vendor owns the name; the wording differs from the customer's."""
    return ApiError(
        400,
        switches.zoho_duplicate_vendor_code,
        f'A vendor with the name, "{name}", already exists To proceed, either update your preferences to '
        "allow duplicate vendor names or enter a unique vendor name.",
    )


def custom_value_taken(field_label: str, switches: Switches) -> ApiError:
    """Another record holds the value of a field that forbids duplicates."""
    return ApiError(
        400, switches.zoho_duplicate_custom_value_code, f"The value of {field_label} is already in use."
    )


def absent(entity: str) -> ApiError:
    """No record of that id in this organisation."""
    return ApiError(404, 1002, f"{entity} does not exist.")


def not_authorized() -> ApiError:
    """The token lacks the scope."""
    return ApiError(401, 57, "You are not authorized to perform this operation")


def bad_token(code: int) -> ApiError:
    """No token, a foreign kind of header, or a token that is unknown or expired."""
    return ApiError(401, 14, "Invalid value passed for authtoken") if code == 14 else not_authorized()


def no_organization(switches: Switches) -> ApiError:
    """organization_id is missing or belongs to somebody else."""
    return ApiError(
        400, switches.zoho_no_organization_code, "This user is not associated with the CompanyID/CompanyName"
    )


def minute_exceeded() -> ApiError:
    """More calls in a minute than the organisation may make."""
    return ApiError(
        429,
        44,
        "For security reasons your organization has been blocked as it have exceeded the maximum number of "
        "requests per minute that can originate from an organization.",
    )


def day_exceeded(quota: int) -> ApiError:
    """The daily quota of the plan is used up."""
    return ApiError(
        429, 45, f"The API call for this organization has exceeded the maximum call rate limit of {quota}."
    )


def too_many_in_process() -> ApiError:
    """Too many calls at the same time."""
    return ApiError(
        429,
        1070,
        "You have reached the maximum number of in process requests allowed. "
        "Kindly try again after some time.",
    )


def has_transactions(switches: Switches) -> ApiError:
    """A contact that appears in documents stays."""
    return ApiError(
        400,
        switches.zoho_has_transaction_code,
        "Contacts which are a part of other transactions cannot be deleted. Instead, mark them as inactive.",
    )


def unknown_url() -> ApiError:
    """No such path."""
    return ApiError(404, 5, "Invalid URL Passed")


def method_not_allowed(method: str) -> ApiError:
    """The path exists, but not with this method."""
    return ApiError(405, 37, f"The HTTP method {method} is not allowed for the requested resource")
