"""Every address of the studio."""

from django.urls import path

from studio.views import accounts, errors, generations, images, media, prompts

urlpatterns = [
    path("", generations.index, name="generations.index"),
    path("composer/", generations.composer, name="generations.composer"),
    path("generations/", generations.create, name="generations.create"),
    path("generations/<uuid:pk>/", generations.detail, name="generations.detail"),
    path("generations/<uuid:pk>/card/", generations.card, name="generations.card"),
    path("generations/<uuid:pk>/cancellation/", generations.cancellation, name="generations.cancellation"),
    path("generations/<uuid:pk>/retry/", generations.retry, name="generations.retry"),
    path("generations/<uuid:pk>/closure/", generations.closure, name="generations.closure"),
    path("gallery/", images.index, name="images.index"),
    path("images/<uuid:pk>/", images.detail, name="images.detail"),
    path("images/<uuid:pk>/favourite/", images.favourite, name="images.favourite"),
    path("images/<uuid:pk>/share/", images.share, name="images.share"),
    path("images/<uuid:pk>/trash/", images.trash, name="images.trash"),
    path("images/<uuid:pk>/receipt/", images.receipt, name="images.receipt"),
    path("media/<uuid:pk>/", media.original, name="media.original"),
    path("media/<uuid:pk>/<int:side>/<str:signature>/", media.thumbnail, name="media.thumbnail"),
    path("prompts/", prompts.index, name="prompts.index"),
    path("welcome/<str:token>/", accounts.welcome, name="accounts.welcome"),
    path("healthz", errors.healthz, name="healthz"),
]
