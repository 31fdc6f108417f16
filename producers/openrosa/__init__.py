"""ODK Collect and KoboCollect: the OpenRosa server interface, and the form that they download."""
