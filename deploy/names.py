"""What everything of a pipeline is called: names and ARNs, worked out before anything is made."""

from dataclasses import dataclass

from deploy.config import Config


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one pipeline's resources, all from its configuration."""

    config: Config

    @property
    def partition(self) -> str:
        """The partition of the region."""
        prefixes = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}
        region = self.config.region
        return next((name for start, name in prefixes.items() if region.startswith(start)), "aws")

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a regional resource."""
        config = self.config
        return f"arn:{self.partition}:{service}:{config.region}:{config.account}:{resource}"

    def iam_arn(self, resource: str) -> str:
        """Return the ARN of an IAM resource, which has no region."""
        return f"arn:{self.partition}:iam::{self.config.account}:{resource}"

    def role(self, purpose: str) -> str:
        """Return the name of the role for a purpose: roles are global, this one is the region's."""
        return f"{self.config.name}-{purpose}-{self.config.region}"

    def role_arn(self, purpose: str) -> str:
        """Return the ARN of the role for a purpose."""
        return self.iam_arn(f"role/{self.role(purpose)}")

    @property
    def boundary(self) -> str:
        """The name of the policy that bounds the roles."""
        return f"{self.config.name}-boundary-{self.config.region}"

    @property
    def boundary_arn(self) -> str:
        """The ARN of the policy that bounds the roles."""
        return self.iam_arn(f"policy/{self.boundary}")

    def bucket(self, purpose: str) -> str:
        """Return the name of the bucket for a purpose: nobody else can have taken it.

        https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
        """
        return f"{self.config.name}-{purpose}-{self.config.account}-{self.config.region}"

    def bucket_arn(self, purpose: str) -> str:
        """Return the ARN of the bucket for a purpose."""
        return f"arn:{self.partition}:s3:::{self.bucket(purpose)}"

    @property
    def endpoint(self) -> str:
        """The name of the endpoint, of its model and of its configuration."""
        return self.config.name

    @property
    def function(self) -> str:
        """The name of the function that callers call, by its alias."""
        return f"{self.config.name}-invoke"

    @property
    def function_logs(self) -> str:
        """The log group that Lambda writes the function's logs to."""
        return f"/aws/lambda/{self.function}"

    @property
    def endpoint_logs(self) -> str:
        """The log group that SageMaker writes the endpoint's logs to.

        https://docs.aws.amazon.com/sagemaker/latest/dg/logging-cloudwatch.html
        """
        return f"/aws/sagemaker/Endpoints/{self.endpoint}"

    @property
    def dead_letters(self) -> str:
        """The queue of events that the function could not deal with."""
        return f"{self.function}-dead-letters"

    @property
    def topic(self) -> str:
        """The topic that alarms are sent to."""
        return f"{self.config.name}-alarms"

    @property
    def notebook(self) -> str:
        """The name of the notebook, and of what stops it."""
        return f"{self.config.name}-notebook"

    @property
    def tags(self) -> list[dict[str, str]]:
        """What everything that takes tags is tagged with: bills can be split by it."""
        return [{"Key": "project", "Value": self.config.name}]

    @property
    def tag_map(self) -> dict[str, str]:
        """The tags, as Lambda, SQS and CloudWatch Logs take them."""
        return {tag["Key"]: tag["Value"] for tag in self.tags}
