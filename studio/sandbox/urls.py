"""Where the sandbox relay answers; mounted under /sandbox/."""

from django.urls import path

from studio.sandbox import views

app_name = "sandbox"

urlpatterns = [
    path("<slug:dialect>/v1/models", views.models, name="models"),
    path("<slug:dialect>/v1/images/generations", views.generations, name="generations"),
    path("<slug:dialect>/v1/chat/completions", views.completions, name="completions"),
    path("<slug:dialect>/v1/usage", views.usage, name="usage"),
    path("<slug:dialect>/v1/moderations", views.moderations, name="moderations"),
    path("results/<str:token>.png", views.result, name="result"),
]
