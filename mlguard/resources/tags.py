"""Tags of SageMaker's resources, which its own answers leave out."""

from mlguard.resources.base import Resource


class TagSet(Resource, frozen=True, kw_only=True):
    """The tags of a SageMaker resource: `arn` and `name` are that resource's.

    Exists only where there is a tag: none in a region that was read means none. Apart from the
    resource, which is whole without them; Lambda, EC2 and IAM tell theirs with the resource.
    """
