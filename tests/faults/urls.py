"""The sandbox relay alone: what the relay process of the rehearsals serves."""

from django.urls import include, path

urlpatterns = [path("sandbox/", include("studio.sandbox.urls"))]
