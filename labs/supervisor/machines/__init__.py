"""Machines of one deployment, as the keeper makes them: namespaces, a network between them, control groups.

The keeper imports this by its folder, so everything here is the standard library alone; pyroute2, which wires the network, is
imported in a process that ends once the wires hang.
"""
