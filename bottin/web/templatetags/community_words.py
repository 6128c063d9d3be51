"""What a release lost, in a sentence."""

from django import template

from bottin.community import letters
from bottin.community.models import LostKeeper

register = template.Library()


@register.filter
def loss(one: LostKeeper) -> str:
    """Say what a release lost, to one who keeps it."""
    return letters.loss_sentence(one)
