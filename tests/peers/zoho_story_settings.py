"""What the organisation of the story told to the Zoho stand-in is set up with."""

from __future__ import annotations

from tests.peers.zoho_story import Story, fresh


def organisation(story: Story) -> None:
    """Who it is, and its currencies."""
    story.keep(story.call("GET /organizations")["organizations"][0], "organization_id")
    story.call("GET /organizations/{organization_id}")
    currency = next(
        each for each in story.call("GET /settings/currencies")["currencies"] if each["is_base_currency"]
    )
    story.keep(currency, "currency_id")
    story.call("GET /settings/currencies/{currency_id}")


def users(story: Story) -> None:
    """The people who work with it."""
    story.keep(story.call("GET /users")["users"][0], "user_id")
    story.call("GET /users/{user_id}")
    story.call("GET /users/me")


def taxes(story: Story) -> None:
    """Two taxes that stay, a group of both, and one tax that goes."""
    body = {"tax_name": fresh("Levy"), "tax_percentage": 5.5, "tax_type": "tax"}
    made = [story.made("POST /settings/taxes", {**body, "tax_name": fresh("Levy")}) for _ in range(3)]
    ids = [tax["tax_id"] for tax in made]
    group = {"tax_group_name": fresh("Levies"), "taxes": f"{ids[0]},{ids[1]}"}
    story.ids["taxes"] = group["taxes"]
    story.keep(story.made("POST /settings/taxgroups", group), "tax_group_id")
    story.call("GET /settings/taxgroups/{tax_group_id}")
    story.call("PUT /settings/taxgroups/{tax_group_id}", {**group, "tax_group_name": fresh("Levies")})
    story.ids["tax_id"] = ids[2]
    story.call("PUT /settings/taxes/{tax_id}", {**body, "tax_percentage": 6})
    story.call("DELETE /settings/taxes/{tax_id}")
    story.ids["tax_id"] = ids[0]
    story.call("GET /settings/taxes/{tax_id}")
    story.call("GET /settings/taxes")
    story.call("DELETE /settings/taxgroups/{tax_group_id}")
    story.keep(story.made("POST /settings/taxgroups", group), "tax_group_id")


def locations(story: Story) -> None:
    """The primary one, and another that comes and goes."""
    first = story.call("GET /locations")["locations"][0]["location_id"]
    story.ids |= {"location_id": first, "parent_location_id": first, "user_ids": story.ids["user_id"]}
    make_location(story)
    shed = story.ids["location_id"]
    story.call("GET /locations/{location_id}")
    story.call("GET /locations/{location_id}/users")
    story.call("PUT /locations/{location_id}", {"location_name": fresh("Shed"), "email": "shed@example.com"})
    story.call("POST /locations/{location_id}/inactive")
    story.call("POST /locations/{location_id}/active")
    for primary in (shed, first):
        story.ids["location_id"] = primary
        story.call("POST /locations/{location_id}/markasprimary")
    story.ids["location_id"] = shed
    story.call("DELETE /locations/{location_id}")
    story.ids["location_id"] = first


def make_location(story: Story) -> None:
    """A location besides the primary one; its id is kept."""
    body = {"location_name": fresh("Shed"), "type": "general", "address": {"city": "Springfield"}}
    story.keep(story.made("POST /locations", body), "location_id")


def make_tax(story: Story) -> None:
    """A tax that nothing uses; its id is kept."""
    body = {"tax_name": fresh("Levy"), "tax_percentage": 5.5, "tax_type": "tax"}
    story.keep(story.made("POST /settings/taxes", body), "tax_id")
