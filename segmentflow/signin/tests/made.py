"""Signing in as people do, with what their app shows."""

from __future__ import annotations

import time
from typing import Any

from django.test import Client
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from segmentflow.models import User
from segmentflow.signin.tests.conftest import PASSWORD

SIGN_IN, CODE = "/sign-in", "/sign-in/code"
NEW, OFF, CODES = (f"/account/second-factor{end}" for end in ("", "/off", "/codes"))


def sign_in(client: Client, *, name: str = "mark", password: str = PASSWORD, **more: Any) -> Any:
    return client.post(SIGN_IN, {"username": name, "password": password}, **more)


def code_of(device: TOTPDevice, *, steps: int = 0) -> str:
    """What the app shows now, or so many half minutes later."""
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits, device.drift)
    totp.time = time.time() + steps * device.step
    return f"{totp.token():06}"


def set_up(client: Client) -> tuple[TOTPDevice, list[str]]:
    """By somebody who is signed in: the device, and the recovery codes."""
    client.get(NEW)
    device = TOTPDevice(key=client.session["new_app"])
    answer = client.post(NEW, {"code": code_of(device), "current_password": PASSWORD})
    assert answer.status_code == 200, answer.content.decode()
    return TOTPDevice.objects.get(key=device.key), list(answer.context["codes"])


def is_in(client: Client) -> bool:
    return client.get("/account").status_code == 200


def with_app(user: User) -> tuple[TOTPDevice, list[str]]:
    client = Client()
    sign_in(client, name=user.username)
    made = set_up(client)
    client.post("/sign-out")
    return made
