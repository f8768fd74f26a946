"""The settings of a bucket, from the form of a template to the form of the S3 API."""

from headrace_local.grammars.template import Json


def encryption(setting: Json) -> Json:
    """Return BucketEncryption as the API wants it."""
    rules = [
        {
            "ApplyServerSideEncryptionByDefault" if key == "ServerSideEncryptionByDefault" else key: value
            for key, value in rule.items()
        }
        for rule in setting["ServerSideEncryptionConfiguration"]
    ]
    return {"Rules": rules}


def cors(setting: Json) -> Json:
    """Return CorsConfiguration as the API wants it."""
    names = {"Id": "ID", "MaxAge": "MaxAgeSeconds", "ExposedHeaders": "ExposeHeaders"}
    return {
        "CORSRules": [
            {names.get(key, key): value for key, value in rule.items()} for rule in setting["CorsRules"]
        ]
    }


def logging(setting: Json) -> Json:
    """Return LoggingConfiguration as the API wants it, without the target when that is the bucket itself."""
    enabled = {"TargetPrefix": setting.get("LogFilePrefix", "")}
    if "DestinationBucketName" in setting:
        enabled["TargetBucket"] = setting["DestinationBucketName"]
    if "TargetObjectKeyFormat" in setting:
        enabled["TargetObjectKeyFormat"] = setting["TargetObjectKeyFormat"]
    return {"LoggingEnabled": enabled}


def notification(setting: Json) -> Json:
    """Return NotificationConfiguration as the API wants it."""
    result: dict[str, Json] = {}
    if setting.get("EventBridgeConfiguration", {}).get("EventBridgeEnabled", True) and (
        "EventBridgeConfiguration" in setting
    ):
        result["EventBridgeConfiguration"] = {}
    for kind, target in (("Queue", "Queue"), ("Topic", "Topic"), ("Lambda", "Function")):
        api_kind = "LambdaFunction" if kind == "Lambda" else kind
        configurations = [
            {
                f"{api_kind}Arn": item[target],
                "Events": [item["Event"]],
                **(
                    {"Filter": {"Key": {"FilterRules": item["Filter"]["S3Key"]["Rules"]}}}
                    if "Filter" in item
                    else {}
                ),
            }
            for item in setting.get(f"{kind}Configurations", [])
        ]
        if configurations:
            result[f"{api_kind}Configurations"] = configurations
    return result


def lifecycle(setting: Json) -> Json:
    """Return LifecycleConfiguration as the API wants it."""
    return {"Rules": [_lifecycle_rule(rule) for rule in setting["Rules"]]}


def _lifecycle_rule(rule: Json) -> Json:
    result: dict[str, Json] = {"Status": rule["Status"], "Filter": _filter(rule)}
    if "Id" in rule:
        result["ID"] = rule["Id"]
    expiration = {
        api: rule[name]
        for name, api in (
            ("ExpirationInDays", "Days"),
            ("ExpirationDate", "Date"),
            ("ExpiredObjectDeleteMarker", "ExpiredObjectDeleteMarker"),
        )
        if name in rule
    }
    if expiration:
        result["Expiration"] = expiration
    if "NoncurrentVersionExpirationInDays" in rule:
        result["NoncurrentVersionExpiration"] = {"NoncurrentDays": rule["NoncurrentVersionExpirationInDays"]}
    for name in ("NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload"):
        if name in rule:
            result[name] = rule[name]
    for one, many, days in (
        ("Transition", "Transitions", "Days"),
        ("NoncurrentVersionTransition", "NoncurrentVersionTransitions", "NoncurrentDays"),
    ):
        moves = [*rule.get(many, []), *([rule[one]] if one in rule else [])]
        if moves:
            result[many] = [
                {
                    {"TransitionInDays": days, "TransitionDate": "Date"}.get(key, key): value
                    for key, value in move.items()
                }
                for move in moves
            ]
    return result


def _filter(rule: Json) -> Json:
    """Return a rule's filter: one condition stands alone, several stand in And."""
    conditions: dict[str, Json] = {}
    if "Prefix" in rule:
        conditions["Prefix"] = rule["Prefix"]
    for size in ("ObjectSizeGreaterThan", "ObjectSizeLessThan"):
        if size in rule:
            conditions[size] = int(rule[size])
    tags = rule.get("TagFilters", [])
    if not tags and len(conditions) <= 1:
        return conditions or {"Prefix": ""}
    if len(tags) == 1 and not conditions:
        return {"Tag": tags[0]}
    return {"And": {**conditions, **({"Tags": tags} if tags else {})}}
