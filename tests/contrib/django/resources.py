"""The shop for programs, by the Django REST framework; its routes are loaded only where they are asked for."""

from django.urls import path
from rest_framework.exceptions import APIException, NotFound, ValidationError
from rest_framework.response import Response
from rest_framework.views import APIView, exception_handler
from rest_framework.viewsets import ViewSet

from tests.contrib.django.project import BASKETS


class BasketResource(APIView):
    def get(self, request, number):
        return Response(BASKETS[number])

    def put(self, request, number):
        raise ValidationError("no such thing") if number in BASKETS else NotFound("no such basket")

    def delete(self, request, number):
        raise APIException("no deletions today")


class BasketSet(ViewSet):
    def retrieve(self, request, number):
        return Response(BASKETS[number])


def answer_exception(error, context):
    if isinstance(error, KeyError):
        return Response("no such basket, nor any other", status=503)
    return exception_handler(error, context)


urlpatterns = [
    path("api/<int:number>/", BasketResource.as_view()),
    path("api/set/<int:number>/", BasketSet.as_view({"get": "retrieve"})),
]
