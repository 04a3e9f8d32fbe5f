"""The addresses for programs, under /v1/ as at every relay."""

from django.urls import path, re_path

from studio.api import listing, views

urlpatterns = [
    path("images/generations", views.images, name="api.images"),
    path("images/generations/<uuid:pk>", views.task, name="api.task"),
    path("images/generations/<uuid:pk>/cancel", views.cancel, name="api.cancel"),
    path("images/tasks/<uuid:pk>", views.task, name="api.task_alias"),
    path("models", listing.models, name="api.models"),
    path("models/<path:model>", listing.model, name="api.model"),
    path("key", listing.key, name="api.key"),
    path("media/<uuid:pk>/<str:signature>", views.picture, name="api.picture"),
    path("openapi.json", views.openapi, name="api.openapi"),
    re_path("(?P<rest>.*)", views.elsewhere, name="api.elsewhere"),
]
