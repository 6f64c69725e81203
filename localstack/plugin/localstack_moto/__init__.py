"""A plugin for LocalStack's community edition: what it lacks, moto answers."""
