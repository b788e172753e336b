"""Pinching with two fingers, on a trackpad and on a touch screen: zooms about the fingers."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QNativeGestureEvent
from PySide6.QtWidgets import QGestureEvent, QPinchGesture

if TYPE_CHECKING:
    from cnnstudio.ui.canvas.view import Canvas

_LEAST = 0.5
"""The smallest factor of one event, whatever a driver reports."""


class Touch(QObject):
    """A filter for the canvas's viewport that takes its pinches."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._center: QPointF | None = None
        if sys.platform != "darwin":  # there the same pinch comes as native gestures
            canvas.viewport().grabGesture(Qt.GestureType.PinchGesture)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Zoom if `event` is a pinch; whether it was one."""
        if isinstance(event, QNativeGestureEvent):
            return self._take_native(event)
        if isinstance(event, QGestureEvent):
            pinch = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture):
                self._take_pinch(pinch)
                event.accept(pinch)
                return True
        return False

    def _take_native(self, event: QNativeGestureEvent) -> bool:
        canvas = self._canvas
        kind = event.gestureType()
        if kind == Qt.NativeGestureType.ZoomNativeGesture:
            factor = max(1 + event.value(), _LEAST)
            canvas.zoom_about(canvas.zoom * factor, event.position())
        elif kind == Qt.NativeGestureType.SmartZoomNativeGesture:
            canvas.fit() if canvas.zoom == 1.0 else canvas.actual_size()
        else:
            return False
        event.accept()
        return True

    def _take_pinch(self, pinch: QPinchGesture) -> None:
        """Zoom by what the fingers have spread, and follow where they have gone."""
        canvas = self._canvas
        center = canvas.viewport().mapFromGlobal(pinch.centerPoint())
        if pinch.state() == Qt.GestureState.GestureStarted or self._center is None:
            self._center = center
            canvas.cancel_gesture()
        factor = max(pinch.scaleFactor(), _LEAST)
        canvas.zoom_about(canvas.zoom * factor, self._center, center)
        self._center = center
        if pinch.state() in (Qt.GestureState.GestureFinished, Qt.GestureState.GestureCanceled):
            self._center = None
