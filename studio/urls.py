"""Every address of the studio."""

from django.urls import path

from studio.views import accounts, comparisons, errors, generations, images, media, prompts, relays

urlpatterns = [
    path("", generations.index, name="generations.index"),
    path("composer/", generations.composer, name="generations.composer"),
    path("generations/", generations.create, name="generations.create"),
    path("generations/<uuid:pk>/", generations.detail, name="generations.detail"),
    path("generations/<uuid:pk>/card/", generations.card, name="generations.card"),
    path("generations/<uuid:pk>/cancellation/", generations.cancellation, name="generations.cancellation"),
    path("generations/<uuid:pk>/retry/", generations.retry, name="generations.retry"),
    path("generations/<uuid:pk>/share/", generations.share, name="generations.share"),
    path("generations/<uuid:pk>/closure/", generations.closure, name="generations.closure"),
    path("comparisons/", comparisons.create, name="comparisons.create"),
    path("comparisons/new/", comparisons.new, name="comparisons.new"),
    path("comparisons/<uuid:pk>/", comparisons.detail, name="comparisons.detail"),
    path("comparisons/<uuid:pk>/card/", comparisons.card, name="comparisons.card"),
    path("comparisons/<uuid:pk>/pick/", comparisons.pick, name="comparisons.pick"),
    path("gallery/", images.index, name="images.index"),
    path("images/<uuid:pk>/", images.detail, name="images.detail"),
    path("images/<uuid:pk>/favourite/", images.favourite, name="images.favourite"),
    path("images/<uuid:pk>/share/", images.share, name="images.share"),
    path("images/<uuid:pk>/trash/", images.trash, name="images.trash"),
    path("images/<uuid:pk>/receipt/", images.receipt, name="images.receipt"),
    path("media/<uuid:pk>/", media.original, name="media.original"),
    path("media/<uuid:pk>/<int:side>/<str:signature>/", media.thumbnail, name="media.thumbnail"),
    path("prompts/", prompts.index, name="prompts.index"),
    path("administration/relays/", relays.index, name="relays.index"),
    path("administration/relays/new/", relays.new, name="relays.new"),
    path("administration/relays/<uuid:pk>/", relays.detail, name="relays.detail"),
    path("administration/relays/<uuid:pk>/test/", relays.test, name="relays.test"),
    path("administration/relays/<uuid:pk>/sync/", relays.sync, name="relays.sync"),
    path("administration/relays/<uuid:pk>/pause/", relays.pause, name="relays.pause"),
    path("administration/relays/<uuid:pk>/resumption/", relays.resume, name="relays.resume"),
    path("administration/relays/<uuid:pk>/position/", relays.position, name="relays.position"),
    path("administration/models/<uuid:pk>/", relays.model, name="relays.model"),
    path("administration/models/<uuid:pk>/switch/", relays.switch, name="relays.switch"),
    path("administration/requests/<uuid:pk>/", relays.answer, name="relays.answer"),
    path("welcome/<str:token>/", accounts.welcome, name="accounts.welcome"),
    path("healthz", errors.healthz, name="healthz"),
]
