"""The pages of a Django project."""

from django.http import HttpRequest, HttpResponse
from django.urls import path


def basket(request: HttpRequest) -> HttpResponse:
    return HttpResponse("empty")


urlpatterns = [path("basket", basket)]
