//! The permissions that the calls of these kinds need.

use crate::permissions::Permissions;

const TAGS: &[&str] = &["ec2:CreateTags", "ec2:DeleteTags"];

pub(crate) const PERMISSIONS: &[Permissions] = &[
    Permissions {
        kind: "ec2.elastic_ip",
        read: &["ec2:DescribeAddresses"],
        create: &["ec2:AllocateAddress"],
        update: TAGS,
        delete: &["ec2:ReleaseAddress"],
    },
    Permissions {
        kind: "ec2.internet_gateway",
        read: &["ec2:DescribeInternetGateways"],
        create: &["ec2:CreateInternetGateway"],
        update: &[
            "ec2:AttachInternetGateway",
            "ec2:CreateTags",
            "ec2:DeleteTags",
            "ec2:DetachInternetGateway",
        ],
        delete: &["ec2:DeleteInternetGateway", "ec2:DetachInternetGateway"],
    },
    Permissions {
        kind: "ec2.main_route_table",
        read: &["ec2:DescribeRouteTables"],
        create: &["ec2:CreateTags"],
        update: &[
            "ec2:CreateRoute",
            "ec2:CreateTags",
            "ec2:DeleteRoute",
            "ec2:DeleteTags",
            "ec2:ReplaceRoute",
        ],
        delete: &["ec2:DeleteRoute", "ec2:DeleteTags"],
    },
    Permissions {
        kind: "ec2.nat_gateway",
        read: &["ec2:DescribeNatGateways"],
        create: &["ec2:CreateNatGateway"],
        update: TAGS,
        delete: &["ec2:DeleteNatGateway"],
    },
    Permissions {
        kind: "ec2.route_table",
        read: &["ec2:DescribeRouteTables"],
        create: &["ec2:CreateRouteTable"],
        update: &[
            "ec2:AssociateRouteTable",
            "ec2:CreateRoute",
            "ec2:CreateTags",
            "ec2:DeleteRoute",
            "ec2:DeleteTags",
            "ec2:DisassociateRouteTable",
            "ec2:ReplaceRoute",
            "ec2:ReplaceRouteTableAssociation",
        ],
        delete: &["ec2:DeleteRouteTable", "ec2:DisassociateRouteTable"],
    },
    Permissions {
        kind: "ec2.security_group",
        read: &["ec2:DescribeSecurityGroupRules", "ec2:DescribeSecurityGroups"],
        create: &["ec2:CreateSecurityGroup"],
        update: &[
            "ec2:AuthorizeSecurityGroupEgress",
            "ec2:AuthorizeSecurityGroupIngress",
            "ec2:CreateTags",
            "ec2:DeleteTags",
            "ec2:ModifySecurityGroupRules",
            "ec2:RevokeSecurityGroupEgress",
            "ec2:RevokeSecurityGroupIngress",
        ],
        delete: &["ec2:DeleteSecurityGroup", "ec2:DescribeNetworkInterfaces"],
    },
    Permissions {
        kind: "ec2.subnet",
        read: &["ec2:DescribeSubnets"],
        create: &["ec2:CreateSubnet"],
        update: &["ec2:CreateTags", "ec2:DeleteTags", "ec2:ModifySubnetAttribute"],
        delete: &["ec2:DeleteSubnet", "ec2:DescribeNetworkInterfaces"],
    },
    Permissions {
        kind: "ec2.vpc",
        read: &["ec2:DescribeRouteTables", "ec2:DescribeVpcAttribute", "ec2:DescribeVpcs"],
        create: &["ec2:CreateVpc"],
        update: &["ec2:CreateTags", "ec2:DeleteTags", "ec2:ModifyVpcAttribute"],
        delete: &["ec2:DeleteVpc", "ec2:DescribeNetworkInterfaces", "ec2:DescribeVpcPeeringConnections"],
    },
    Permissions {
        kind: "ec2.vpc_peering_connection",
        read: &["ec2:DescribeVpcPeeringConnections"],
        create: &["ec2:CreateVpcPeeringConnection"],
        update: &[
            "ec2:AcceptVpcPeeringConnection",
            "ec2:CreateTags",
            "ec2:DeleteTags",
            "ec2:ModifyVpcPeeringConnectionOptions",
        ],
        delete: &["ec2:DeleteVpcPeeringConnection"],
    },
];
