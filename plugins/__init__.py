"""The bundled plugins. Each is loaded through its entry point, exactly as a third party's."""
