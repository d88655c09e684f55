"""The window: the only place for QtWidgets and qasync."""

from studio.ui.no_feature_switches import pass_modules_by

pass_modules_by()
