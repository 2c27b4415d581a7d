"""Access logs of web servers and of load balancers: lines whose fields have their places."""
