"""Templates by API: what there is, one's own brought and deleted, and beginning with one."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from segmentflow.clock import current_time, workspace_zone
from segmentflow.exact import ExactEncoder
from segments import asking, selectors
from segments.asking import SegmentApiView
from segments.models import Segment
from segments.serializers import SegmentAnswer, segment_as_data
from segments.starting.beginning import begin_from_template
from segments.starting.choosing import Shown, shown
from segments.starting.files import as_file
from segments.starting.finding import Existing
from segments.starting.gallery import TEMPLATES, as_template, own_templates, template_of
from segments.starting.models import SavedTemplate
from segments.starting.saving import bring_template, delete_template, save_as_template
from segments.starting.template import Template

MAKE_NEEDED = {"field": "contacts.add_field", "event": "events.add_eventtype"}


class NeedAnswer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(["field", "event"])
    key = serializers.CharField(help_text="What the template calls it.")
    here = serializers.CharField(help_text="The key that it has here.")
    state = serializers.ChoiceField(["here", "alike", "missing", "other type", "archived"])


class TemplateAnswer(serializers.Serializer[Any]):
    key = serializers.CharField()
    own = serializers.BooleanField(help_text="Saved here; the others come along.")
    author = serializers.CharField()
    sentence = serializers.CharField()
    needs = NeedAnswer(many=True)
    template = serializers.JSONField(encoder=ExactEncoder, help_text="As a file has it.")


class TemplateList(serializers.Serializer[Any]):
    results = TemplateAnswer(many=True)
    next = serializers.URLField(allow_null=True, help_text="Always null: there are few.")


class NewTemplate(serializers.Serializer[Any]):
    """A template as a file has it; or `segment`, with what is to be said of it."""

    segment = serializers.CharField(required=False)
    name = serializers.CharField(required=False, max_length=100)
    description = serializers.CharField(required=False, allow_blank=True, max_length=2_000)
    category = serializers.CharField(required=False, allow_blank=True, max_length=50)
    definition = serializers.JSONField(encoder=ExactEncoder, required=False)


class Beginning(serializers.Serializer[Any]):
    name = serializers.CharField(required=False, max_length=100)
    description = serializers.CharField(required=False, allow_blank=True)
    create_missing = serializers.BooleanField(
        required=False, default=True, help_text="Fields and event types that it needs."
    )


class TemplatesView(SegmentApiView):
    rights: ClassVar = {"GET": "segments.view_savedtemplate", "POST": "segments.add_savedtemplate"}

    @extend_schema(operation_id="list_templates", responses=TemplateList)
    def get(self, request: Request) -> Response:
        """All templates: those saved here, then those that come along."""
        existing, zone = Existing(), workspace_zone()
        rows = [shown(one, existing, zone) for one in (*own_templates(), *TEMPLATES)]
        return Response({"results": [_as_data(row) for row in rows], "next": None})

    @extend_schema(
        operation_id="create_template", request=NewTemplate, responses={201: TemplateAnswer}
    )
    def post(self, request: Request) -> Response:
        """Keep a template, from a file's content or from a segment."""
        author, now = asking.author(request), current_time()
        if isinstance(request.data, dict) and "segment" in request.data:
            given = asking.body(request, NewTemplate)
            segment = Segment.objects.filter(key=given["segment"]).first()
            if segment is None or "definition" in given:
                said = "“segment” is the key of a segment, and comes without a definition."
                raise asking.refused("segment", said)
            saved = save_as_template(
                segment=segment,
                name=given.get("name", segment.name),
                description=given.get("description", segment.description),
                category=given.get("category", ""),
                author=author,
                now=now,
            )
        else:
            saved = bring_template(raw=request.data, author=author, now=now)
        return Response(_described(as_template(saved)), status=201)


class TemplateView(SegmentApiView):
    rights: ClassVar = {
        "GET": "segments.view_savedtemplate",
        "DELETE": "segments.delete_savedtemplate",
    }

    @extend_schema(operation_id="get_template", responses=TemplateAnswer)
    def get(self, request: Request, key: str) -> Response:
        return Response(_described(_template(key)))

    @extend_schema(operation_id="delete_template", responses={204: None})
    def delete(self, request: Request, key: str) -> Response:
        """Forget one that was saved here; those that come along stay."""
        delete_template(template=get_object_or_404(SavedTemplate, key=key))
        return Response(status=204)


class TemplateCreateView(SegmentApiView):
    rights: ClassVar = {"POST": "segments.add_segment"}

    @extend_schema(
        operation_id="create_from_template", request=Beginning, responses={201: SegmentAnswer}
    )
    def post(self, request: Request, key: str) -> Response:
        """Make a draft segment with a template's definition, and what is missing for it."""
        template = _template(key)
        given = asking.body(request, Beginning)
        creating = [need.named for need in template.needs if given["create_missing"]]
        found = Existing().look_for(template)
        missing = {one.need.named for one in found if one.state == "missing"}
        _check_may_create(request, {named.kind for named in missing.intersection(creating)})
        begun = begin_from_template(
            template=template,
            name=given.get("name", template.name),
            description=given.get("description", template.description),
            creating=missing.intersection(creating),
            author=asking.author(request),
            now=current_time(),
        )
        begun.segment.refresh_from_db()
        return Response(segment_as_data(selectors.describe_one(begun.segment)), status=201)


def _check_may_create(request: Request, kinds: set[Any]) -> None:
    person = asking.author(request)
    if person is not None and not person.has_perms({MAKE_NEEDED[kind] for kind in kinds}):
        said = "Your role does not include creating what is missing; send “create_missing”: false."
        raise PermissionDenied(said)


def _template(key: str) -> Template:
    found = template_of(key)
    if found is None:
        raise Http404
    return found


def _described(template: Template) -> dict[str, Any]:
    return _as_data(shown(template, Existing(), workspace_zone()))


def _as_data(row: Shown) -> dict[str, Any]:
    return {
        "key": row.template.key,
        "own": row.template.is_own,
        "author": row.template.author,
        "sentence": row.sentence,
        "needs": [
            {
                "kind": one.need.named.kind,
                "key": one.need.named.key,
                "here": one.key if one.is_here else "",
                "state": str(one.state),
            }
            for one in row.found
        ],
        "template": as_file(row.template),
    }
