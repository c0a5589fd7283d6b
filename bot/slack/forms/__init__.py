"""The modals: each is built and read back in one module here, so that both sides share their ids."""
