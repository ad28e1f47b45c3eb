"""What AWS does with metric filters, and moto 5.2.5 does not.

A filter is a part of its log group: there is none without the group, the group tells how many it has, and takes them with
it. PutMetricFilter replaces a filter of the same name. Source: API reference of CloudWatch Logs. CloudFormation makes them,
too (template reference, AWS::Logs::MetricFilter).
"""

import moto.logs.models as logs
from moto.core.common_models import CloudFormationModel
from moto.logs.exceptions import ResourceNotFoundException

MISSING = "The specified metric filter does not exist."


class Backend:
    """Each method takes the place of moto's."""

    def put_metric_filter(self, filter_name, filter_pattern, log_group_name, metric_transformations):
        of_group(self, log_group_name)
        self.filters.delete_filter(filter_name, log_group_name)
        self.filters.add_filter(filter_name, filter_pattern, log_group_name, metric_transformations)

    def describe_metric_filters(self, prefix=None, log_group_name=None, metric_name=None, metric_namespace=None):
        if log_group_name is not None:
            of_group(self, log_group_name)
        return self.filters.get_matching_filters(prefix, log_group_name, metric_name, metric_namespace)

    def delete_metric_filter(self, filter_name=None, log_group_name=None):
        if all(one["filterName"] != filter_name for one in of_group(self, log_group_name)):
            raise ResourceNotFoundException(MISSING)
        self.filters.delete_filter(filter_name, log_group_name)

    def delete_log_group(self, log_group_name):
        for one in of_group(self, log_group_name):
            self.filters.delete_filter(one["filterName"], log_group_name)
        del self.groups[log_group_name]


def of_group(backend, name):
    """The filters of a group, which has to be there."""
    if name not in backend.groups:
        raise ResourceNotFoundException()
    return backend.filters.get_matching_filters(log_group_name=name)


class MetricFilter(CloudFormationModel):
    # moto tells the service of a model by its module, and finds the types of templates among the models.
    __module__ = logs.__name__

    def __init__(self, name, group):
        self.name, self.group = name, group

    @staticmethod
    def cloudformation_name_type():
        return "FilterName"

    @staticmethod
    def cloudformation_type():
        return "AWS::Logs::MetricFilter"

    @classmethod
    def create_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name, **_):
        properties = cloudformation_json["Properties"]
        small = [{key[0].lower() + key[1:]: value for key, value in one.items()} for one in properties["MetricTransformations"]]
        filter_of = cls(resource_name, properties["LogGroupName"])
        backend = logs.logs_backends[account_id][region_name]
        backend.put_metric_filter(resource_name, properties["FilterPattern"], filter_of.group, small)
        return filter_of

    @property
    def physical_resource_id(self):
        return self.name

    def delete(self, account_id, region_name):
        logs.logs_backends[account_id][region_name].delete_metric_filter(self.name, self.group)


def correct():
    for name in ("put_metric_filter", "describe_metric_filters", "delete_metric_filter", "delete_log_group"):
        setattr(logs.LogsBackend, name, vars(Backend)[name])
    described = logs.LogGroup.to_describe_dict

    def to_describe_dict(group):
        backend = logs.logs_backends[group.account_id][group.region]
        return {**described(group), "metricFilterCount": len(of_group(backend, group.name))}

    logs.LogGroup.to_describe_dict = to_describe_dict
